import type { FolderReport } from '@causeway/protocol'

/** What a folder is doing, as people are shown it. */
export type PhaseKind = FolderReport['state']

export interface Phase {
  readonly kind: PhaseKind
  /** Why it is offline or halted; '' otherwise. */
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
  | 'cycle-offline'
  /** It ended early for another reason, and will be tried again. */
  | 'cycle-failed'
  | 'link-down'
  | 'link-up'

export const FIRST_PHASE: Phase = { kind: 'scanning', reason: '' }

/**
 * The next phase. `offline` and `halted` are left only when a cycle, or the
 * link, has shown that they are over: an attempt alone does not hide them.
 */
export function nextPhase(phase: Phase, event: PhaseEvent, reason = ''): Phase {
  const kind = TABLE[phase.kind][event]
  const hasReason = kind === 'offline' || kind === 'halted'
  if (!hasReason) return phase.kind === kind ? phase : { kind, reason: '' }
  return { kind, reason: reason || (phase.kind === kind ? phase.reason : '') }
}

const ENDS = {
  'cycle-clean': 'idle',
  'cycle-left-work': 'syncing',
  'cycle-halted': 'halted',
  'cycle-offline': 'offline',
  'cycle-failed': 'syncing',
} as const

const TABLE: Readonly<Record<PhaseKind, Readonly<Record<PhaseEvent, PhaseKind>>>> = {
  scanning: {
    ...ENDS,
    'full-cycle-begun': 'scanning',
    'cycle-begun': 'syncing',
    'link-down': 'offline',
    'link-up': 'scanning',
  },
  syncing: {
    ...ENDS,
    'full-cycle-begun': 'scanning',
    'cycle-begun': 'syncing',
    'link-down': 'offline',
    'link-up': 'syncing',
  },
  idle: {
    ...ENDS,
    'full-cycle-begun': 'scanning',
    'cycle-begun': 'syncing',
    'link-down': 'offline',
    'link-up': 'idle',
  },
  offline: {
    ...ENDS,
    'full-cycle-begun': 'offline',
    'cycle-begun': 'offline',
    'link-down': 'offline',
    'link-up': 'syncing',
  },
  // A halt that the link's loss hid would look as if waiting helped.
  halted: {
    ...ENDS,
    'cycle-offline': 'halted',
    'cycle-failed': 'halted',
    'full-cycle-begun': 'halted',
    'cycle-begun': 'halted',
    'link-down': 'halted',
    'link-up': 'halted',
  },
}
