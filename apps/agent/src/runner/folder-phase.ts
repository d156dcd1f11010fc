import type { FolderReport } from '@causeway/protocol'

/** What a folder is doing, as people are shown it. */
export type PhaseKind = FolderReport['state']

export interface Phase {
  readonly kind: PhaseKind
  /** Why it is offline, halted or paused; '' otherwise. */
  readonly reason: string
}

export type PhaseEvent =
  /** A cycle began that looks at the whole tree. */
  | 'full-cycle-begun'
  | 'cycle-begun'
  /** Both sides are the same, as far as the cycle could see. */
  | 'cycle-clean'
  /** It ended, and something is still to be done. */
  | 'cycle-left-work'
  /** A brake waits for a person, or the root is gone. */
  | 'cycle-halted'
  /** A person decided what becomes of what a brake held back; the next cycle does it. */
  | 'lifted'
  /** The coordinator refused, because a person has paused the folder here. */
  | 'cycle-paused'
  | 'cycle-offline'
  /** It ended early for another reason, and will be tried again. */
  | 'cycle-failed'
  | 'link-down'
  | 'link-up'
  /** A person has paused the folder on this node, or lets it go on. */
  | 'paused'
  | 'unpaused'

export const FIRST_PHASE: Phase = { kind: 'scanning', reason: '' }

/**
 * The next phase. `offline`, `halted` and `paused` are left only when a cycle, or the
 * link, has shown that they are over: an attempt alone does not hide them.
 */
export function nextPhase(phase: Phase, event: PhaseEvent, reason = ''): Phase {
  const kind = TABLE[phase.kind][event]
  const hasReason = kind === 'offline' || kind === 'halted' || kind === 'paused'
  if (!hasReason) return phase.kind === kind ? phase : { kind, reason: '' }
  return { kind, reason: reason || (phase.kind === kind ? phase.reason : '') }
}

const ENDS = {
  'cycle-clean': 'idle',
  'cycle-left-work': 'syncing',
  'cycle-halted': 'halted',
  'cycle-offline': 'offline',
  'cycle-failed': 'syncing',
  'cycle-paused': 'paused',
  paused: 'paused',
} as const

const TABLE: Readonly<Record<PhaseKind, Readonly<Record<PhaseEvent, PhaseKind>>>> = {
  scanning: {
    ...ENDS,
    lifted: 'scanning',
    'full-cycle-begun': 'scanning',
    'cycle-begun': 'syncing',
    'link-down': 'offline',
    'link-up': 'scanning',
    unpaused: 'scanning',
  },
  syncing: {
    ...ENDS,
    lifted: 'syncing',
    'full-cycle-begun': 'scanning',
    'cycle-begun': 'syncing',
    'link-down': 'offline',
    'link-up': 'syncing',
    unpaused: 'syncing',
  },
  idle: {
    ...ENDS,
    lifted: 'idle',
    'full-cycle-begun': 'scanning',
    'cycle-begun': 'syncing',
    'link-down': 'offline',
    'link-up': 'idle',
    unpaused: 'idle',
  },
  offline: {
    ...ENDS,
    lifted: 'offline',
    'full-cycle-begun': 'offline',
    'cycle-begun': 'offline',
    'link-down': 'offline',
    'link-up': 'syncing',
    unpaused: 'offline',
  },
  // A halt that the link's loss hid would look as if waiting helped.
  halted: {
    ...ENDS,
    lifted: 'syncing',
    'cycle-offline': 'halted',
    'cycle-failed': 'halted',
    'full-cycle-begun': 'halted',
    'cycle-begun': 'halted',
    'link-down': 'halted',
    'link-up': 'halted',
    unpaused: 'halted',
  },
  // Only a person ends it: what the link does meanwhile would look like news.
  paused: {
    ...ENDS,
    lifted: 'paused',
    'full-cycle-begun': 'paused',
    'cycle-begun': 'paused',
    'link-down': 'paused',
    'link-up': 'paused',
    unpaused: 'syncing',
  },
}
