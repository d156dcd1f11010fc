import type { Decision, EventKind } from '@causeway/protocol'

export const KIND_SHAPE: Readonly<Record<EventKind, string>> = {
  create: '●',
  edit: '●',
  move: '▸',
  delete: '×',
  merge: '◆',
  conflict: '▲',
  restore: '■',
  settle: '■',
  join: '■',
  leave: '■',
  halt: '■',
  resume: '■',
}

/** What a decision means, for people. */
export const DECISION_WORDS: Readonly<Record<Decision, string>> = {
  'fast-forward': 'It had seen everything before it, so it simply comes next.',
  joined: 'Both sides had the same bytes, so they count as one file.',
  overtook: 'Both moved it; the later move in the log wins.',
  revived: 'It was deleted elsewhere at the same time; the edit wins.',
  'conflict-copy': 'The two sides wrote different things: both are kept, one under another name.',
  'renamed-apart': 'The name was taken, so it got another one.',
  're-offered': 'The coordinator had lost it, and a node supplied it again.',
  kept: 'The delete had not seen every edit; what it had not seen stays.',
  refused: 'It could not be done.',
  noted: 'For information only; it changes no file.',
}
