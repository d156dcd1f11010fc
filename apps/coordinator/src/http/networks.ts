import { BlockList, isIP } from 'node:net'

/** Tells whether an address is among some: single ones, or networks like 10.0.0.0/8. */
export function networks(named: readonly string[]): (remote: string) => boolean {
  const list = new BlockList()
  for (const name of named) {
    const [address = '', bits] = name.split('/')
    const family = familyOf(address)
    if (bits === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(bits), family)
  }
  return (remote) => {
    const address = remote.replace(/^::ffff:(?=\d+\.)/, '')
    return isIP(address) !== 0 && list.check(address, familyOf(address))
  }
}

function familyOf(address: string): 'ipv4' | 'ipv6' {
  return isIP(address) === 6 ? 'ipv6' : 'ipv4'
}
