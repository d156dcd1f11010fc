import { afterEach, beforeEach, expect, test } from 'vitest'
import { entryIdOf, ROOT_ID, type EntryId, type MoveOperation } from '@causeway/protocol'
import { DEFAULT_FOLDER, fileOf, run, type Running } from '../test-support/running.ts'

type Node = Awaited<ReturnType<Running['enrol']>>

let running: Running
let atlas: Node
let birch: Node

beforeEach(async () => {
  running = await run()
  atlas = await running.enrol('atlas')
  birch = await running.enrol('birch')
})
afterEach(() => running[Symbol.asyncDispose]())

test('a move gives no life to a deleted file whose bytes are gone: its node sends it as new', async () => {
  await birch.save('file', 'text', 1)
  const file = entryIdOf(birch.id, 1)
  await deleteAll(file)
  await lose('text')

  const { outcomes } = await birch.commit({ clock: { [birch.id]: 1 }, operations: [move(2, file)] })
  expect(outcomes).toMatchObject([{ kind: 'refused', refusal: 'unknown-entry' }])
})

test('nor does the move of a directory to what was deleted with it', async () => {
  const directory = await saveInDirectory('text')
  await deleteAll(directory)
  await lose('text')

  const { outcomes } = await birch.commit({ clock: { [birch.id]: 2 }, operations: [move(3, directory)] })
  expect(outcomes).toMatchObject([{ kind: 'refused', refusal: 'unknown-entry' }])
})

test('what is held lives again with its directory, and counts as used', async () => {
  const directory = await saveInDirectory('text')
  await deleteAll(directory)
  const { content } = fileOf('text')
  const { metadata } = running.coordinator.context
  await metadata.write((tx) => tx.markGarbage('chunk', [content.hash], '2026-01-01T00:00:00.000Z'))

  const { outcomes } = await birch.commit({ clock: { [birch.id]: 2 }, operations: [move(3, directory)] })
  expect(outcomes).toMatchObject([{ kind: 'settled', state: { deleted: false, name: 'moved' } }])
  expect(await metadata.read((tx) => tx.garbageMarks('chunk'))).toEqual(new Map())
})

function move(counter: number, entry: EntryId): MoveOperation {
  return { kind: 'move', counter, entry, basedOn: { [birch.id]: 1 }, place: { parent: ROOT_ID, name: 'moved' } }
}

async function saveInDirectory(text: string): Promise<EntryId> {
  const directory = entryIdOf(birch.id, 1)
  const { content, named } = fileOf(text)
  const place = { parent: ROOT_ID, name: 'docs' }
  await birch.commit({
    operations: [
      { kind: 'create', counter: 1, entry: directory, place, content: { kind: 'directory', mode: 0o755 } },
      {
        kind: 'create',
        counter: 2,
        entry: entryIdOf(birch.id, 2),
        place: { parent: directory, name: 'file' },
        content,
      },
    ],
    contents: [named],
  })
  return directory
}

/** Another node deletes it, having seen all that there is. */
async function deleteAll(entry: EntryId): Promise<void> {
  const folder = await running.coordinator.context.metadata.read((tx) => tx.folder(DEFAULT_FOLDER))
  const seen = folder?.clock ?? {}
  const about = { entry, seenContent: seen, seenPlace: seen, subtree: true }
  const { outcomes } = await atlas.commit({ clock: seen, operations: [{ kind: 'delete', counter: 1, ...about }] })
  expect(outcomes).toMatchObject([{ kind: 'accepted' }])
}

/** The disk has spoilt the chunk of a small content. */
async function lose(text: string): Promise<void> {
  await running.coordinator.context.metadata.write((tx) => tx.loseChunks([fileOf(text).chunk.hash]))
}
