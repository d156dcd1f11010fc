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
  'fast-forward': 'It had seen everything before it, so it simply follows.',
  joined: 'Both sides had the same bytes: they count as one.',
  merged: 'Both changes fit together, and both hold.',
  overtook: 'The later move in the log stands.',
  revived: 'It was deleted elsewhere at the same time: the edit wins.',
  'conflict-copy': 'Both sides wrote something else: both are kept, one under another name.',
  'renamed-apart': 'The name was taken: it got another one.',
  're-offered': 'The coordinator had lost it, and a node gave it back.',
  kept: 'The delete had not seen every edit: what it had not seen stays.',
  refused: 'It could not be done.',
  noted: 'Written down for people; it changes no file.',
}
