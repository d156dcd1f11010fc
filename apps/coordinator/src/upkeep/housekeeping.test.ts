import { expect, test } from 'vitest'
import { entryIdOf } from '@causeway/protocol'
import { DEFAULT_FOLDER, fileOf, handClock, run } from '../test-support/running.ts'

const DAY_MS = 86_400_000

test('old versions go by the policy and their bytes after a grace; the newest stays and can be read', async () => {
  const clock = handClock()
  await using running = await run({ clock })
  const { context } = running.coordinator
  await running.rest('PATCH', '/api/v1/folders/default', { settings: { keepAllDays: 1, keepThinnedDays: 2 } })
  const ada = await running.enrol('ada')
  await ada.save('a', 'first', 1)
  const edit = {
    kind: 'edit' as const,
    counter: 2,
    entry: entryIdOf(ada.id, 1),
    basedOn: { [ada.id]: 1 },
    basedOnHash: fileOf('first').content.hash,
    content: fileOf('second').content,
  }
  await ada.commit({ clock: { [ada.id]: 1 }, operations: [edit], contents: [fileOf('second').named] })
  const housekeeping = running.coordinator.housekeeping
  const held = async (text: string) =>
    (await context.metadata.read((tx) => tx.chunks([fileOf(text).chunk.hash]))).length === 1
  const versions = async () =>
    (await running.rest('GET', '/api/v1/folders/default/history?path=a')).body.versions.length

  await housekeeping.run()
  expect([await versions(), await held('first')]).toEqual([2, true])
  clock.advance(10 * DAY_MS)
  await housekeeping.run()
  expect([await versions(), await held('first')]).toEqual([1, true])
  clock.advance(2 * DAY_MS)
  await housekeeping.run()
  expect([await held('first'), await held('second')]).toEqual([false, true])
  const content = await running.coordinator.contents.fetch(DEFAULT_FOLDER, [fileOf('second').chunk.hash])
  for await (const { bytes } of content) expect(Buffer.from(bytes).toString()).toBe('second')
})
