import type { Lifetime } from '../../../tests/support/lifetime.ts'
import type { Network } from '../network/network.ts'

export const TOOL_NAMES = ['rsync', 'unison', 'syncthing', 'causeway'] as const
export type ToolName = (typeof TOOL_NAMES)[number]

/** The directories below a root that the cases work in; for Causeway each is a folder of its own. */
export const FOLDERS = ['work', 'archive'] as const

export interface ToolOptions {
  readonly life: Lifetime
  readonly network: Network
  /** A directory of the tool's own, on the disk of all others. */
  readonly scratch: string
}

/** A tool that keeps the root of host A and that of host B the same. */
export interface Tool {
  readonly name: ToolName
  /** Name, version and how it is run. */
  readonly label: string
  readonly rootA: string
  readonly rootB: string
  /** Puts the pair up on roots that are empty but for `FOLDERS`. */
  start(): Promise<void>
  /** Brings over what changed on A: tools that run on demand. Daemons have none: they notice. */
  readonly carry?: (change: { readonly deletes: boolean }) => Promise<void>
  /** Resolves when the tool itself says that nothing is left to do. */
  settle(): Promise<void>
  /** Where a change waits for a person: approves it. True if it did wait. */
  readonly approve?: () => Promise<boolean>
  /** Sets how long a daemon waits for more changes before it acts. */
  readonly setDelay?: (seconds: number) => Promise<void>
  /** The daemons, by name: for processor time and memory. */
  processes(): Readonly<Record<string, number | undefined>>
}
