/** Tells a request that was meant for this coordinator from one that a foreign site made a browser send. */
export interface HostCheck {
  /**
   * Whether a `Host` header names this coordinator: the guard against DNS
   * rebinding. The bare address that the connection itself came to always
   * does: no name was resolved for it.
   */
  host(header: string | undefined, localAddress: string | undefined): boolean
  /** Whether an `Origin` header is absent (no browser) or names the very host that was asked. */
  origin(origin: string | undefined, host: string | undefined): boolean
}

/** `hosts` are names without ports, beside the loopback ones. */
export function createHostCheck(hosts: readonly string[]): HostCheck {
  const allowed = new Set(['localhost', '127.0.0.1', '[::1]', ...hosts.map(bracketed)])
  return {
    host(header, localAddress) {
      if (header === undefined) return false
      const name = nameOf(header)
      return allowed.has(name) || (localAddress !== undefined && name === bracketed(plainAddress(localAddress)))
    },
    origin(origin, host) {
      if (origin === undefined) return true
      return URL.canParse(origin) && host !== undefined && new URL(origin).host === host.toLowerCase()
    },
  }
}

function nameOf(header: string): string {
  return header.toLowerCase().replace(/:\d*$/, '')
}

/** An IPv4 address as it is written, also where it arrived on an IPv6 socket. */
function plainAddress(address: string): string {
  return address.replace(/^::ffff:(?=\d+\.)/, '')
}

function bracketed(host: string): string {
  const name = host.trim().toLowerCase()
  return name.includes(':') && !name.startsWith('[') ? `[${name}]` : name
}

/** Whether an address can only be reached from this machine. */
export function isLoopback(address: string): boolean {
  return address === 'localhost' || address === '::1' || /^127(\.\d{1,3}){3}$/.test(address)
}
