import type { NodeView } from '@causeway/protocol'

/** Told by shape and word, never by colour alone. */
export type Condition = 'in-sync' | 'syncing' | 'attention' | 'halted' | 'paused' | 'offline' | 'registered' | 'unknown'

const LOOK: Readonly<Record<Condition, { shape: string; colour: string; word: string }>> = {
  'in-sync': { shape: '●', colour: 'var(--state-ok)', word: 'In sync' },
  syncing: { shape: '◐', colour: 'var(--state-busy)', word: 'Syncing' },
  attention: { shape: '▲', colour: 'var(--state-attention)', word: 'Needs attention' },
  halted: { shape: '■', colour: 'var(--state-halted)', word: 'Halted' },
  paused: { shape: '‖', colour: 'var(--state-offline)', word: 'Paused' },
  offline: { shape: '○', colour: 'var(--state-offline)', word: 'Offline' },
  registered: { shape: '◌', colour: 'var(--state-offline)', word: 'Registered only' },
  // Nobody can say while the coordinator is away.
  unknown: { shape: '?', colour: 'var(--state-offline)', word: 'Unknown' },
}

/** Noted by hand, and never joined: it has no key to sign in with, and tells of no version. */
export function isRegisteredOnly({ version }: Pick<NodeView, 'version'>): boolean {
  return version === ''
}

export function conditionOf(node: NodeView): Condition {
  const { online, folders } = node
  if (folders.length === 0 && !online) return isRegisteredOnly(node) ? 'registered' : 'offline'
  if (folders.length === 0) return 'in-sync'
  const reports = folders.flatMap(({ report }) => (report === null ? [] : [report]))
  if (reports.some(({ state }) => state === 'halted')) return 'halted'
  if (!online) return 'offline'
  if (reports.some(({ problems }) => problems.length > 0)) return 'attention'
  const isBusy = folders.some(
    ({ paused, behind, report }) =>
      !paused &&
      ((behind ?? 1) > 0 ||
        (report?.pendingUp ?? 0) > 0 ||
        (report?.pendingDown ?? 0) > 0 ||
        report?.state === 'scanning'),
  )
  if (isBusy) return 'syncing'
  return folders.some(({ paused }) => paused) ? 'paused' : 'in-sync'
}

export function conditionWord(condition: Condition): string {
  return LOOK[condition].word
}

export function conditionColour(condition: Condition): string {
  return LOOK[condition].colour
}

export function StateMark({ condition, word = true }: { readonly condition: Condition; readonly word?: boolean }) {
  const { shape, colour, word: text } = LOOK[condition]
  return (
    <span style={{ whiteSpace: 'nowrap' }} data-condition={condition}>
      <span
        aria-hidden="true"
        style={{
          color: colour,
          display: 'inline-block',
          width: '1.1em',
          textAlign: 'center',
          ...(condition === 'syncing' && { animation: 'turn 1.6s linear infinite' }),
        }}
      >
        {shape}
      </span>{' '}
      {word ? text : <span className="only-read">{text}</span>}
    </span>
  )
}
