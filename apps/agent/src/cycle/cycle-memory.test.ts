import type { EntryId, EntryState, ContentHash } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { CycleMemory } from './cycle-memory.ts'

const lost: EntryState = {
  id: 'atlas.1' as EntryId,
  seq: 7,
  parent: 'root' as EntryId,
  name: 'note',
  placeVector: {},
  content: { kind: 'directory', mode: 0o755 },
  contentVector: {},
  existenceVector: {},
  deleted: false,
}

function memoryAtRest(): CycleMemory {
  const memory = new CycleMemory({ setting: () => undefined, putSetting: () => undefined })
  memory.apply.mayHoldUnknown = false
  return memory
}

test('at rest nothing is owed', () => {
  expect(memoryAtRest().owes()).toBe(false)
})

test.each<[string, (memory: CycleMemory) => void]>([
  ['what the log holds beyond what was read', ({ pull }) => pull.log.note('missed')],
  ['what node and coordinator disagree about', ({ pull }) => pull.belief.doubt(new Set([1]))],
  ['what was lost and is offered', ({ send }) => send.reoffers.add(lost)],
  ['chunks that the coordinator asks for', ({ send }) => send.wanted.add('a' as ContentHash)],
  [
    'a directory that was not looked into',
    ({ scan }) => scan.looked({ looked: new Set(), problems: [], deferred: ['a'] }),
  ],
  ['what may be on the disk unknown', ({ apply }) => (apply.mayHoldUnknown = true)],
])('a cycle is owed: %s', (_what, happens) => {
  const memory = memoryAtRest()
  happens(memory)
  expect(memory.owes()).toBe(true)
})
