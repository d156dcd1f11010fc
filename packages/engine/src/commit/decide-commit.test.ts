import { MemoryFolder } from '@causeway/testkit'
import {
  COORDINATOR_ID,
  DECISION_ID,
  onlyChunkOf,
  ROOT_ID,
  entryIdOf,
  type CommitRequest,
  type Content,
  type EntryId,
  type ContentHash,
  type NodeId,
  type Operation,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'
import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { withDot } from '../version-vector.ts'

const AT = '2026-11-22T14:03:07.000Z'

/** A node that commits one operation at a time and has seen what it says it has seen. */
class Author {
  readonly id: NodeId
  counter = 0
  clock: VersionVector = {}
  readonly folder: MemoryFolder

  constructor(folder: MemoryFolder, name: string) {
    this.folder = folder
    this.id = name as NodeId
  }

  commit(operation: (counter: number) => Operation, text?: string, more: Partial<CommitRequest> = {}): Outcome {
    this.counter += 1
    const contents = text === undefined ? [] : [named(text)]
    const request = {
      clock: this.clock,
      operations: [operation(this.counter)],
      contents,
      manifests: [],
      approved: false,
      ...more,
    }
    const [outcome] = this.folder.commit({ id: this.id, name: this.id, access: 'read-write' }, request).outcomes
    this.clock = withDot(this.clock, this.id, this.counter)
    if (outcome === undefined) throw new Error('no outcome')
    return outcome
  }

  /** Reads the log to its head. */
  see(): void {
    this.clock = { ...this.folder.changes({ cursor: { epoch: '', seq: 0, tag: '' }, limit: 4096 }).clock, ...own(this) }
  }

  create(name: string, text: string, parent: EntryId = ROOT_ID): Outcome {
    return this.commit(
      (counter) => ({
        kind: 'create',
        counter,
        entry: entryIdOf(this.id, counter),
        place: { parent, name },
        content: file(text),
      }),
      text,
    )
  }

  createDirectory(name: string, parent: EntryId = ROOT_ID): Outcome {
    const content = { kind: 'directory', mode: 0o755 } as const
    return this.commit((counter) => ({
      kind: 'create',
      counter,
      entry: entryIdOf(this.id, counter),
      place: { parent, name },
      content,
    }))
  }

  edit(entry: EntryId, basedOn: VersionVector, before: string, text: string): Outcome {
    return this.commit(
      (counter) => ({ kind: 'edit', counter, entry, basedOn, basedOnHash: hash(before), content: file(text) }),
      text,
    )
  }

  move(entry: EntryId, basedOn: VersionVector, parent: EntryId, name: string): Outcome {
    return this.commit((counter) => ({ kind: 'move', counter, entry, basedOn, place: { parent, name } }))
  }

  delete(entry: EntryId, subtree: boolean): Outcome {
    const seen = this.clock
    return this.commit((counter) => ({ kind: 'delete', counter, entry, seenContent: seen, seenPlace: seen, subtree }))
  }
}

function own(author: Author): VersionVector {
  return author.counter === 0 ? {} : { [author.id]: author.counter }
}

function hash(text: string): ContentHash {
  return createHash('sha256').update(text).digest('hex') as ContentHash
}

function named(text: string): { hash: ContentHash; bytes: Uint8Array } {
  return { hash: hash(text), bytes: new TextEncoder().encode(text) }
}

function file(text: string): Content {
  return { kind: 'file', hash: hash(text), size: text.length, mode: 0o644, mtimeNs: '0' }
}

function setUp(): {
  folder: MemoryFolder
  atlas: Author
  birch: Author
  paths: () => string[]
  textAt: (path: string) => string | undefined
} {
  const folder = new MemoryFolder(() => AT)
  return {
    folder,
    atlas: new Author(folder, 'atlas'),
    birch: new Author(folder, 'birch'),
    paths: () => [...folder.paths().keys()].sort(),
    textAt: (path) => {
      const content = folder.paths().get(path)?.content
      const bytes = content?.kind === 'file' ? folder.chunks.get(onlyChunkOf(content.hash)) : undefined
      return bytes === undefined ? undefined : new TextDecoder().decode(bytes)
    },
  }
}

const note = entryIdOf('atlas' as NodeId, 1)

describe('edits', () => {
  test('an edit of the newest version stands', () => {
    const { atlas, textAt } = setUp()
    atlas.create('note.txt', 'one')
    expect(atlas.edit(note, { atlas: 1 }, 'one', 'two').kind).toBe('accepted')
    expect(textAt('note.txt')).toBe('two')
  })

  test('of two concurrent edits the first keeps the name and the other becomes a conflict copy', () => {
    const { folder, atlas, birch, paths, textAt } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    atlas.edit(note, { atlas: 1 }, 'one', 'by atlas')
    expect(birch.edit(note, { atlas: 1 }, 'one', 'by birch').kind).toBe('conflict')
    expect(paths()).toEqual(['note (conflict, birch, 2026-11-22 14.03.07).txt', 'note.txt'])
    expect(textAt('note.txt')).toBe('by atlas')
    expect(textAt('note (conflict, birch, 2026-11-22 14.03.07).txt')).toBe('by birch')
    expect(folder.events.map((event) => event.kind)).toContain('conflict')
  })

  test('concurrent edits to the same bytes are one', () => {
    const { atlas, birch, paths } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    atlas.edit(note, { atlas: 1 }, 'one', 'same')
    expect(birch.edit(note, { atlas: 1 }, 'one', 'same').kind).toBe('settled')
    expect(paths()).toEqual(['note.txt'])
  })

  test('an edit that only touches the time never rivals an edit of the bytes', () => {
    const { atlas, birch, paths, textAt } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    atlas.edit(note, { atlas: 1 }, 'one', 'two')
    expect(birch.edit(note, { atlas: 1 }, 'one', 'one').kind).toBe('settled')
    expect(paths()).toEqual(['note.txt'])
    expect(textAt('note.txt')).toBe('two')
  })

  test("a lost answer does not turn a node's own earlier save into a rival", () => {
    const { atlas, paths, textAt } = setUp()
    atlas.create('note.txt', 'one')
    atlas.edit(note, { atlas: 1 }, 'one', 'two')
    expect(atlas.edit(note, { atlas: 1 }, 'one', 'three').kind).toBe('accepted')
    expect(atlas.create('note.txt', 'four').kind).toBe('settled')
    expect(paths()).toEqual(['note.txt'])
    expect(textAt('note.txt')).toBe('four')
  })

  test('the same event sent twice happens once', () => {
    const { folder, atlas } = setUp()
    atlas.create('note.txt', 'one')
    const head = folder.head
    atlas.counter = 0
    expect(atlas.create('note.txt', 'one').kind).toBe('accepted')
    expect(folder.head).toBe(head)
  })

  test('a counter that was used before is refused, so that no two events share a name', () => {
    const { atlas, folder } = setUp()
    atlas.counter = 5
    atlas.create('a.txt', 'one')
    atlas.counter = 2
    expect(atlas.create('b.txt', 'two')).toMatchObject({ kind: 'refused', refusal: 'counter-used' })
    expect(folder.paths().size).toBe(1)
  })

  test('content that is not held is refused and named', () => {
    const { atlas } = setUp()
    const outcome = atlas.commit((counter) => ({
      kind: 'create',
      counter,
      entry: entryIdOf(atlas.id, counter),
      place: { parent: ROOT_ID, name: 'a' },
      content: file('never sent'),
    }))
    expect(outcome).toMatchObject({ kind: 'refused', refusal: 'missing-content', missing: [hash('never sent')] })
  })
})

describe('creates', () => {
  test('the same name with the same bytes is one entry, under the first id', () => {
    const { atlas, birch, paths } = setUp()
    atlas.create('note.txt', 'same')
    expect(birch.create('note.txt', 'same')).toMatchObject({ kind: 'settled', state: { id: note } })
    expect(paths()).toEqual(['note.txt'])
  })

  test('the same name with other bytes steps aside', () => {
    const { atlas, birch, paths } = setUp()
    atlas.create('note.txt', 'one')
    expect(birch.create('note.txt', 'two').kind).toBe('conflict')
    expect(paths()).toHaveLength(2)
  })

  test('two directories of one name are one, and what the second node puts in its own lands in the first', () => {
    const { atlas, birch, paths } = setUp()
    atlas.createDirectory('docs')
    birch.createDirectory('docs')
    birch.create('b.txt', 'b', entryIdOf(birch.id, 1))
    expect(paths()).toEqual(['docs', 'docs/b.txt'])
  })
})

describe('deletes', () => {
  test('an edit beats a concurrent delete that came before it', () => {
    const { atlas, birch, textAt } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    atlas.delete(note, false)
    birch.edit(note, { atlas: 1 }, 'one', 'two')
    expect(textAt('note.txt')).toBe('two')
  })

  test('an edit beats a concurrent delete that comes after it', () => {
    const { atlas, birch, textAt } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    birch.edit(note, { atlas: 1 }, 'one', 'two')
    expect(atlas.delete(note, false).kind).toBe('kept')
    expect(textAt('note.txt')).toBe('two')
  })

  test('a delete that has seen every edit stays', () => {
    const { atlas, birch, paths } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    birch.edit(note, { atlas: 1 }, 'one', 'two')
    atlas.see()
    expect(atlas.delete(note, false).kind).toBe('accepted')
    expect(paths()).toEqual([])
  })

  test('a directory deleted while a child was added elsewhere comes back with that child only', () => {
    const { atlas, birch, paths } = setUp()
    atlas.createDirectory('docs')
    atlas.create('old.txt', 'old', note)
    birch.see()
    atlas.delete(note, true)
    birch.create('new.txt', 'new', note)
    expect(paths()).toEqual(['docs', 'docs/new.txt'])
  })

  test('a subtree delete spares what it had not seen and the directories above it', () => {
    const { atlas, birch, paths } = setUp()
    atlas.createDirectory('docs')
    atlas.createDirectory('inner', note)
    atlas.create('old.txt', 'old', note)
    birch.see()
    birch.create('new.txt', 'new', entryIdOf(atlas.id, 2))
    expect(atlas.delete(note, true)).toMatchObject({ kind: 'kept' })
    expect(paths()).toEqual(['docs', 'docs/inner', 'docs/inner/new.txt'])
  })

  test('a removal of over 500 entries says that it can be undone', () => {
    const { folder, atlas } = setUp()
    atlas.createDirectory('docs')
    for (let index = 0; index < 510; index++) atlas.create(`f${index}`, 'same', note)
    const seen = atlas.clock
    atlas.commit(
      (counter) => ({ kind: 'delete', counter, entry: note, seenContent: seen, seenPlace: seen, subtree: true }),
      undefined,
      { approved: true },
    )
    expect(folder.events.findLast(({ kind }) => kind === 'delete')?.reason).toContain(
      '511 entries were removed at once',
    )
  })

  test('a delete of more than half of a folder waits for a person, and leaves an event of the coordinator', () => {
    const { folder, atlas, paths } = setUp()
    atlas.createDirectory('docs')
    for (let index = 0; index < 30; index++) atlas.create(`f${index}`, `${index}`, note)
    expect(atlas.delete(note, true)).toMatchObject({ kind: 'refused', refusal: 'halted' })
    expect(paths()).toHaveLength(31)
    expect(folder.events.filter(({ kind }) => kind === 'halt')).toMatchObject([
      {
        node: COORDINATOR_ID,
        decision: 'noted',
        reason:
          'Held back a mass deletion by atlas: this would remove 31 of 31 entries; a removal of more than 50% waits for a person.',
      },
    ])
    const seen = atlas.clock
    const approved = atlas.commit(
      (counter) => ({ kind: 'delete', counter, entry: note, seenContent: seen, seenPlace: seen, subtree: true }),
      undefined,
      { approved: true },
    )
    expect(approved.kind).toBe('accepted')
    expect(paths()).toEqual([])
  })
})

describe('moves', () => {
  test('a rename and a concurrent edit both hold', () => {
    const { atlas, birch, textAt } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    atlas.move(note, { atlas: 1 }, ROOT_ID, 'renamed.txt')
    expect(birch.edit(note, { atlas: 1 }, 'one', 'two').kind).toBe('accepted')
    expect(textAt('renamed.txt')).toBe('two')
  })

  test('of two concurrent moves the later in the log stands', () => {
    const { atlas, birch, paths } = setUp()
    atlas.create('note.txt', 'one')
    birch.see()
    atlas.move(note, { atlas: 1 }, ROOT_ID, 'a.txt')
    birch.move(note, { atlas: 1 }, ROOT_ID, 'b.txt')
    expect(paths()).toEqual(['b.txt'])
  })

  test('a move that would close a circle leaves the entry where it is', () => {
    const { atlas, birch, paths } = setUp()
    atlas.createDirectory('a')
    atlas.createDirectory('b')
    birch.see()
    const [a, b] = [entryIdOf(atlas.id, 1), entryIdOf(atlas.id, 2)]
    expect(atlas.move(a, { atlas: 1 }, b, 'a').kind).toBe('accepted')
    expect(birch.move(b, { atlas: 2 }, a, 'b')).toMatchObject({
      kind: 'settled',
      state: { parent: ROOT_ID, name: 'b' },
    })
    expect(paths()).toEqual(['b', 'b/a'])
  })

  test('a move onto a name that is taken steps aside', () => {
    const { atlas, birch, paths } = setUp()
    atlas.create('a.txt', 'a')
    birch.see()
    birch.create('b.txt', 'b')
    expect(atlas.move(note, { atlas: 1 }, ROOT_ID, 'b.txt').kind).toBe('conflict')
    expect(paths()).toHaveLength(2)
  })

  test('renaming a directory is one change, whatever it holds', () => {
    const { folder, atlas } = setUp()
    atlas.createDirectory('docs')
    for (let index = 0; index < 50; index++) atlas.create(`f${index}`, `${index}`, note)
    const head = folder.head
    atlas.move(note, { atlas: 1 }, ROOT_ID, 'papers')
    expect(folder.head).toBe(head + 1)
  })
})

test('after the coordinator was set back, an offered state stands again without a conflict', () => {
  const { folder, atlas, textAt, paths } = setUp()
  atlas.create('note.txt', 'one')
  const backup = folder.save()
  atlas.edit(note, { atlas: 1 }, 'one', 'two')
  const lost = folder.paths().get('note.txt')
  folder.restore(backup)
  folder.noticeSetBack()
  expect(textAt('note.txt')).toBe('one')
  if (lost === undefined) throw new Error('no state')
  atlas.commit((counter) => ({ kind: 'offer', counter, state: lost }))
  expect(textAt('note.txt')).toBe('two')
  expect(paths()).toEqual(['note.txt'])
})

test('an offered state brings its vectors along, even where nothing else is newer', () => {
  const { folder, atlas } = setUp()
  atlas.create('note.txt', 'one')
  const state = folder.state(note)
  if (state === undefined) throw new Error('no state')
  const offered = { ...state, existenceVector: { birch: 4, coordinator: 1 } }
  folder.noticeSetBack()
  atlas.commit((counter) => ({ kind: 'offer', counter, state: offered }))
  expect(folder.state(note)).toMatchObject({ deleted: false, existenceVector: { birch: 4, coordinator: 1 } })
})

test("after a set-back the coordinator's own events are counted far ahead of any that it may have lost", () => {
  const { folder, atlas, birch } = setUp()
  atlas.create('note.txt', 'one')
  const state = folder.state(note)
  if (state === undefined) throw new Error('no state')
  folder.noticeSetBack()
  atlas.commit((counter) => ({ kind: 'offer', counter, state }))
  birch.create('note.txt', 'two')
  const copy = [...folder.paths().values()].find(({ conflictOf }) => conflictOf !== undefined)
  expect(copy?.placeVector[DECISION_ID]).toBeGreaterThan(1_000_000)
})
