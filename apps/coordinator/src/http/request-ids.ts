import { BlockList, isIP } from 'node:net'
import type { IncomingMessage } from 'node:http'
import type { Random } from '@causeway/time'

/** What a proxy may call a request: short, and harmless in a log. */
const GIVEN = /^[\w.:-]{1,64}$/

/** Names requests: as a trusted proxy named them, and otherwise by chance. A stranger's name could be another request's. */
export function createRequestIds(
  trustedProxies: readonly string[],
  random: Random,
): (request: Pick<IncomingMessage, 'headers' | 'socket'>) => string {
  const trusted = networks(trustedProxies)
  return ({ headers, socket }) => {
    const given = headers['x-request-id']
    const isTrusted = typeof given === 'string' && GIVEN.test(given) && isIn(trusted, socket.remoteAddress ?? '')
    return isTrusted ? given : random.hex(8)
  }
}

function networks(named: readonly string[]): BlockList {
  const list = new BlockList()
  for (const name of named) {
    const [address = '', bits] = name.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return list
}

function isIn(list: BlockList, remote: string): boolean {
  const address = remote.replace(/^::ffff:(?=\d+\.)/, '')
  return isIP(address) !== 0 && list.check(address, familyOf(address))
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
