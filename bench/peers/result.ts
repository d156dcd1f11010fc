import type { HostName } from './network/network.ts'
import type { ToolName } from './tools/tool.ts'

/** One tool's way through one case, once. */
export interface RawRow {
  readonly round: number
  readonly case: string
  readonly tool: ToolName
  /** From the change on A to its being complete on B; null where it failed. */
  readonly seconds: number | null
  /** Both ways over each host's link, from before the change until the links were quiet. */
  readonly wireBytes: Readonly<Record<HostName, number>> | null
  /** What the links carried a second while nothing happened: not subtracted. */
  readonly idleBytesPerSecond: number
  /** Processor time of the daemons, until the links were quiet. */
  readonly cpuSeconds: Readonly<Record<string, number>>
  readonly peakMemoryBytes: Readonly<Record<string, number>>
  /** Of saves, one each; the wire bytes are those of all of them. */
  readonly latenciesMs?: readonly number[]
  readonly notes: readonly string[]
  readonly failure?: string
}

/** A whole run, as it is kept in docs/bench-peers.json. */
export interface PeersRun {
  readonly machine: string
  readonly network: string
  readonly quick: boolean
  readonly shaped: boolean
  readonly tools: Readonly<Partial<Record<ToolName, string>>>
  readonly missing: readonly string[]
  readonly data: readonly string[]
  readonly rounds: number
  readonly rows: readonly RawRow[]
}
