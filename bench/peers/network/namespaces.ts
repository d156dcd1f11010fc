import { spawnSync } from 'node:child_process'
import { killWithTheRest } from '../../../tests/support/processes.ts'
import { formatLinkShape } from './link-shape.ts'
import { ProxyClient } from './proxy-client.ts'
import type { Endpoint, HostName, LinkBytes, LinkShape, Network } from './network.ts'

const HOSTS: readonly HostName[] = ['a', 'b', 'c']
/** Set aside for benchmarks of networks (RFC 2544); seen by nobody outside the namespaces. */
const ADDRESSES: Readonly<Record<HostName, string>> = { a: '198.18.0.1', b: '198.18.0.2', c: '198.18.0.3' }
const PREFIX = 'causeway-bench-'

/**
 * A network namespace for each host, joined by a bridge in one more: what a
 * host sends and receives is what the system counts at its port of the bridge.
 * Throws, with nothing left behind, where the system does not allow it.
 */
export function createNamespaces(shape: { readonly link: LinkShape; readonly both: boolean } | undefined): Network {
  removeLeftovers()
  const name = (host: HostName | 'net'): string => `${PREFIX}${process.pid}-${host}`
  const all = (['net', ...HOSTS] as const).map(name)
  const remove = (): void => all.forEach((one) => void spawnSync('ip', ['netns', 'del', one], { stdio: 'ignore' }))
  killWithTheRest(remove)
  try {
    for (const one of all) ip('netns', 'add', one)
    ip('-n', name('net'), 'link', 'add', 'br0', 'type', 'bridge')
    ip('-n', name('net'), 'link', 'set', 'br0', 'up')
    for (const host of HOSTS) join(name('net'), name(host), host)
  } catch (error) {
    remove()
    throw error
  }

  const proxies: ProxyClient[] = []
  const command = (host: HostName, inside: readonly string[]): readonly string[] => [
    'ip',
    'netns',
    'exec',
    name(host),
    ...inside,
  ]
  const slow = shape === undefined ? '' : `; ${whose(shape.both)} shaped by a proxy: ${formatLinkShape(shape.link)}`
  return {
    description: `a network namespace for each host, bytes counted by the system at its interface${slow}`,
    countsHeaders: true,
    address: (host) => ADDRESSES[host],
    command,
    async route(from, to, port): Promise<Endpoint> {
      const target = { host: ADDRESSES[to], port }
      if (shape === undefined || (from !== 'a' && !shape.both)) return target
      const start = { listen: '127.0.0.1', target, shape: shape.link }
      const proxy = await ProxyClient.start(start, (inside) => command(from, inside))
      proxies.push(proxy)
      return { host: '127.0.0.1', port: proxy.port }
    },
    counters: async () => {
      const links: unknown = JSON.parse(ip('-n', name('net'), '-s', '-j', 'link', 'show'))
      const [a, b, c] = HOSTS.map((host) => bytesOf(links, host))
      if (a === undefined || b === undefined || c === undefined) throw new Error('a host has no counters')
      return { a, b, c }
    },
    async close() {
      await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()))
      remove()
    },
  }
}

export function whose(both: boolean): string {
  return both ? 'the links of A and of B' : 'the link of A'
}

function join(net: string, peer: string, host: HostName): void {
  // Neighbour discovery of IPv6 would be counted with what is measured.
  ip('netns', 'exec', peer, 'sh', '-c', 'echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6')
  ip('link', 'add', 'eth0', 'netns', peer, 'type', 'veth', 'peer', 'name', portOf(host), 'netns', net)
  ip('-n', net, 'link', 'set', portOf(host), 'master', 'br0')
  ip('-n', net, 'link', 'set', portOf(host), 'up')
  ip('-n', peer, 'addr', 'add', `${ADDRESSES[host]}/24`, 'dev', 'eth0')
  ip('-n', peer, 'link', 'set', 'lo', 'up')
  ip('-n', peer, 'link', 'set', 'eth0', 'up')
}

/** The host's port of the bridge. */
function portOf(host: HostName): string {
  return `port-${host}`
}

/** At the bridge's end of the cable: what it receives is what the host sent. */
function bytesOf(links: unknown, host: HostName): LinkBytes | undefined {
  if (!Array.isArray(links)) return undefined
  const link: unknown = links.find((one) => one?.ifname === portOf(host))
  const counted = (link as { stats64?: { rx?: { bytes?: number }; tx?: { bytes?: number } } } | undefined)?.stats64
  const { rx, tx } = counted ?? {}
  return rx?.bytes === undefined || tx?.bytes === undefined ? undefined : { sent: rx.bytes, received: tx.bytes }
}

/** Namespaces of a run that was killed: its process is gone. */
function removeLeftovers(): void {
  const { status, stdout } = spawnSync('ip', ['netns', 'list'], { encoding: 'utf8' })
  if (status !== 0) return
  for (const [, name = '', pid] of stdout.matchAll(/^(causeway-bench-(\d+)-\w+)/gm)) {
    if (!isAlive(Number(pid))) spawnSync('ip', ['netns', 'del', name], { stdio: 'ignore' })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

function ip(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync('ip', args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${error?.message ?? stderr.trim()}`)
  return stdout
}
