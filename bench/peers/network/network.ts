/** One machine of the bench: a network namespace, or loopback where there are none. */
export type HostName = 'a' | 'b' | 'c'

/** Where a server is reached from some host. */
export interface Endpoint {
  readonly host: string
  readonly port: number
}

/** Bytes that a host's link carried since it was made. */
export interface LinkBytes {
  readonly sent: number
  readonly received: number
}

export type LinkCounters = Readonly<Record<HostName, LinkBytes>>

/** A slow link: its rate in each direction and the whole round trip. */
export interface LinkShape {
  readonly bitsPerSecond: number
  readonly roundTripMs: number
}

/** How the hosts reach each other, and what that costs in bytes. */
export interface Network {
  /** One line for the report: how bytes were counted, what the links are. */
  readonly description: string
  /** Whether the counters are the system's own (headers included) or a proxy's (payload of TCP alone). */
  readonly countsHeaders: boolean
  /** The address a server on that host listens on. */
  address(host: HostName): string
  /** A command as it must be started to run on that host. */
  command(host: HostName, command: readonly string[]): readonly string[]
  /** How `from` reaches a server on `to`: past the shaped link, where there is one. */
  route(from: HostName, to: HostName, port: number): Promise<Endpoint>
  counters(): Promise<LinkCounters>
  close(): Promise<void>
}

/** What went both ways over each host's link between two readings. */
export function between(before: LinkCounters, after: LinkCounters): Readonly<Record<HostName, number>> {
  const grown = (host: HostName): number =>
    after[host].sent + after[host].received - before[host].sent - before[host].received
  return { a: grown('a'), b: grown('b'), c: grown('c') }
}
