import { MemoryFolder } from '@causeway/testkit'
import { COORDINATOR_ID, ROOT_ID, type EntryState } from '@causeway/protocol'
import { beforeEach, describe, expect, test } from 'vitest'
import { counterOf } from '../version-vector.ts'
import { Author, stateAt, textOf } from './test-support/author.ts'

let folder: MemoryFolder
let atlas: Author
let birch: Author

beforeEach(() => {
  folder = new MemoryFolder(() => '2026-11-22T14:03:07.000Z')
  atlas = new Author(folder, 'atlas')
  birch = new Author(folder, 'birch')
})

const paths = (): string[] => [...folder.paths().keys()].sort()

/** What `change` led to, lost: the coordinator is as it was before, and the states it had are given back. */
function lost(change: () => void): ReadonlyMap<string, EntryState> {
  const backup = folder.save()
  change()
  const states = new Map(
    folder
      .changes({ cursor: { epoch: '', seq: 0, tag: '' }, limit: 4096 })
      .states.map((state) => [folder.pathOf(state), state]),
  )
  folder.restore(backup)
  folder.noticeSetBack()
  return states
}

function at(states: ReadonlyMap<string, EntryState>, path: string): EntryState {
  const state = states.get(path)
  if (state === undefined) throw new Error(`nothing was lost at ${path}`)
  return state
}

describe('what the coordinator never heard of', () => {
  test('stands again under its own id and vectors, without a conflict', () => {
    const states = lost(() => atlas.create('note.txt', 'one'))
    const outcome = birch.offer(at(states, 'note.txt'))
    expect(outcome).toMatchObject({
      kind: 'settled',
      state: { id: at(states, 'note.txt').id, contentVector: { atlas: 1 } },
    })
    expect(textOf(folder, 'note.txt')).toBe('one')
  })

  test('is one with the same bytes under the same name', () => {
    const states = lost(() => atlas.create('note.txt', 'same'))
    birch.create('note.txt', 'same')
    const kept = stateAt(folder, 'note.txt')
    expect(birch.offer(at(states, 'note.txt'))).toMatchObject({ kind: 'settled', state: { id: kept.id } })
    expect(paths()).toEqual(['note.txt'])
  })

  test('steps aside where the name is taken by now', () => {
    const states = lost(() => atlas.create('note.txt', 'lost'))
    birch.create('note.txt', 'newer')
    birch.offer(at(states, 'note.txt'))
    expect(paths()).toEqual(['note (conflict, birch, 2026-11-22 14.03.07).txt', 'note.txt'])
    expect(textOf(folder, 'note.txt')).toBe('newer')
  })

  test('waits for the directory it lies in, which is offered first', () => {
    const states = lost(() => {
      atlas.create('docs', null)
      atlas.see()
      atlas.create('note.txt', 'one', stateAt(folder, 'docs').id)
    })
    expect(birch.offer(at(states, 'docs/note.txt'))).toMatchObject({ kind: 'refused', refusal: 'unknown-entry' })
    birch.offer(at(states, 'docs'))
    birch.offer(at(states, 'docs/note.txt'))
    expect(paths()).toEqual(['docs', 'docs/note.txt'])
  })
})

describe('what the coordinator holds in an older state', () => {
  test('the newer content stands, and an older one changes nothing', () => {
    atlas.create('note.txt', 'one')
    atlas.see()
    const old = stateAt(folder, 'note.txt')
    const states = lost(() => atlas.edit(old.id, 'two'))
    birch.offer(at(states, 'note.txt'))
    expect(textOf(folder, 'note.txt')).toBe('two')
    const { head } = folder
    birch.offer(old)
    expect(textOf(folder, 'note.txt')).toBe('two')
    expect(folder.head).toBe(head)
  })

  test('content that was edited on both sides since is kept twice, however often and by whom it is offered', () => {
    atlas.create('note.txt', 'one')
    atlas.see()
    birch.see()
    const { id } = stateAt(folder, 'note.txt')
    const states = lost(() => atlas.edit(id, 'by atlas'))
    birch.edit(id, 'by birch')
    atlas.offer(at(states, 'note.txt'))
    const { head } = folder
    for (const node of [atlas, birch]) node.offer(at(states, 'note.txt'))
    expect(folder.head).toBe(head)
    expect(paths()).toHaveLength(2)
    expect(new Set(paths().map((path) => textOf(folder, path)))).toEqual(new Set(['by atlas', 'by birch']))
  })

  test('a newer place that is taken by now steps aside, and is not offered for ever', () => {
    atlas.create('a.txt', 'a')
    atlas.see()
    const { id } = stateAt(folder, 'a.txt')
    const states = lost(() => atlas.move(id, ROOT_ID, 'b.txt'))
    birch.create('b.txt', 'b')
    const offered = at(states, 'b.txt')
    const outcome = birch.offer(offered)
    expect(textOf(folder, 'b.txt')).toBe('b')
    expect(textOf(folder, 'b (conflict, birch, 2026-11-22 14.03.07).txt')).toBe('a')
    if (outcome.kind !== 'settled') throw new Error(outcome.kind)
    // The node that offered it sees that its own place is the older one.
    expect(counterOf(outcome.state.placeVector, 'atlas')).toBe(counterOf(offered.placeVector, 'atlas'))
    expect(counterOf(outcome.state.placeVector, COORDINATOR_ID)).toBeGreaterThan(0)
    const { head } = folder
    birch.offer(offered)
    expect(folder.head).toBe(head)
  })

  test('a newer place inside itself is given up, under a vector that tells every node so', () => {
    atlas.create('a', null)
    atlas.create('b', null)
    atlas.see()
    birch.see()
    const [a, b] = [stateAt(folder, 'a').id, stateAt(folder, 'b').id]
    const states = lost(() => atlas.move(a, b, 'a'))
    birch.move(b, a, 'b')
    const offered = at(states, 'b/a')
    const outcome = atlas.offer(offered)
    expect(paths()).toEqual(['a', 'a/b'])
    if (outcome.kind !== 'settled') throw new Error(outcome.kind)
    expect(outcome.state.placeVector).toMatchObject(offered.placeVector)
    expect(counterOf(outcome.state.placeVector, COORDINATOR_ID)).toBeGreaterThan(0)
  })
})

describe('tombstones', () => {
  test('a delete that had seen everything stands again', () => {
    atlas.create('note.txt', 'one')
    atlas.see()
    const { id } = stateAt(folder, 'note.txt')
    const states = lost(() => atlas.delete(id))
    atlas.offer(at(states, 'note.txt'))
    expect(paths()).toEqual([])
  })

  test('a delete that had not seen an edit does not, and every node learns so', () => {
    atlas.create('note.txt', 'one')
    atlas.see()
    birch.see()
    const { id } = stateAt(folder, 'note.txt')
    const states = lost(() => atlas.delete(id))
    birch.edit(id, 'two')
    const outcome = atlas.offer(at(states, 'note.txt'))
    expect(textOf(folder, 'note.txt')).toBe('two')
    expect(outcome).toMatchObject({ kind: 'settled', state: { deleted: false } })
  })

  test('that of a directory with something alive below does not delete it, and every node learns so', () => {
    atlas.create('docs', null)
    atlas.see()
    birch.see()
    const { id } = stateAt(folder, 'docs')
    const states = lost(() => atlas.delete(id, true))
    birch.create('new.txt', 'new', id)
    const offered = at(states, 'docs')
    const outcome = atlas.offer(offered)
    expect(paths()).toEqual(['docs', 'docs/new.txt'])
    if (outcome.kind !== 'settled') throw new Error(outcome.kind)
    expect(outcome.state.deleted).toBe(false)
    // Newer than the tombstone: a node that holds that one gives it up.
    expect(outcome.state.existenceVector).toMatchObject(offered.existenceVector)
    expect(counterOf(outcome.state.existenceVector, COORDINATOR_ID)).toBeGreaterThan(0)
    const { head } = folder
    atlas.offer(offered)
    expect(folder.head).toBe(head)
  })

  test('of what was never known here is kept, so that nobody brings it back', () => {
    const states = lost(() => {
      atlas.create('note.txt', 'one')
      atlas.see()
      atlas.delete(stateAt(folder, 'note.txt').id)
    })
    const live = { ...at(states, 'note.txt'), deleted: false, existenceVector: {} }
    atlas.offer(at(states, 'note.txt'))
    birch.offer(live)
    expect(paths()).toEqual([])
  })
})

describe('revivals', () => {
  test('one that was lost stands again', () => {
    atlas.create('note.txt', 'one')
    atlas.see()
    birch.see()
    const { id } = stateAt(folder, 'note.txt')
    atlas.delete(id)
    const states = lost(() => birch.edit(id, 'two'))
    birch.offer(at(states, 'note.txt'))
    expect(textOf(folder, 'note.txt')).toBe('two')
  })

  test('one onto a name that is taken by now steps aside', () => {
    atlas.create('note.txt', 'one')
    atlas.see()
    birch.see()
    const { id } = stateAt(folder, 'note.txt')
    atlas.delete(id)
    const states = lost(() => birch.edit(id, 'two'))
    atlas.create('note.txt', 'another')
    birch.offer(at(states, 'note.txt'))
    expect(textOf(folder, 'note.txt')).toBe('another')
    expect(textOf(folder, 'note (conflict, birch, 2026-11-22 14.03.07).txt')).toBe('two')
  })
})

describe('what was deleted here after the coordinator had gone back', () => {
  test('lives, if the delete had not seen the edit that is given back', () => {
    const id = known('note.txt', 'one')
    const states = lost(() => atlas.edit(id, 'two'))
    birch.delete(id)
    const outcome = atlas.offer(at(states, 'note.txt'))
    expect(textOf(folder, 'note.txt')).toBe('two')
    expect(outcome).toMatchObject({ kind: 'settled', state: { deleted: false } })
    const { head } = folder
    atlas.offer(at(states, 'note.txt'))
    expect(folder.head).toBe(head)
  })

  test('lives where it was moved to, if the delete had not seen the move', () => {
    const id = known('note.txt', 'one')
    const states = lost(() => atlas.move(id, ROOT_ID, 'moved.txt'))
    birch.delete(id)
    atlas.offer(at(states, 'moved.txt'))
    expect(paths()).toEqual(['moved.txt'])
  })

  test('lives with the bytes that are given back, if others were deleted that had been saved meanwhile', () => {
    const id = known('note.txt', 'one')
    const states = lost(() => atlas.edit(id, 'by atlas'))
    birch.edit(id, 'by birch')
    birch.see()
    birch.delete(id)
    atlas.offer(at(states, 'note.txt'))
    expect(paths()).toEqual(['note.txt'])
    expect(textOf(folder, 'note.txt')).toBe('by atlas')
  })

  test('stays deleted, if nothing is given back that the delete had not seen', () => {
    const id = known('note.txt', 'one')
    const held = stateAt(folder, 'note.txt')
    lost(() => atlas.create('other.txt', 'lost'))
    birch.delete(id)
    atlas.offer(held)
    expect(paths()).toEqual([])
  })

  test('is ended by a delete that has seen all of it now', () => {
    const id = known('note.txt', 'one')
    const states = lost(() => atlas.edit(id, 'two'))
    birch.delete(id)
    atlas.offer(at(states, 'note.txt'))
    birch.see()
    birch.delete(id)
    expect(paths()).toEqual([])
  })

  /** A file that both nodes have seen. */
  function known(name: string, text: string): EntryState['id'] {
    atlas.create(name, text)
    atlas.see()
    birch.see()
    return stateAt(folder, name).id
  }
})
