import { beforeEach, describe, expect, test } from 'vitest'
import type { EntryState } from '@causeway/protocol'
import type { BaseEntry } from '../tree.ts'
import { isBehindBase, isInBase, sameContent, stateOfBase, withAccepted } from './remote.ts'
import { Planted } from './test-support/planted.ts'

let file: BaseEntry
let link: BaseEntry
let directory: BaseEntry
let state: EntryState

beforeEach(async () => {
  const planted = new Planted()
  planted.user.write('docs/note.txt', 'one')
  planted.user.symlink('link', 'docs')
  await planted.sync()
  const at = (path: string): BaseEntry => {
    const found = planted.base.base(planted.idAt(path))
    if (found === undefined) throw new Error(`nothing at ${path}`)
    return found
  }
  file = at('docs/note.txt')
  link = at('link')
  directory = at('docs')
  state = { ...stateOfBase(file), seq: 7 }
})

describe('what is in the base', () => {
  test('a state made from a base entry is in it, and comes before every real one', () => {
    for (const entry of [file, link, directory]) expect(isInBase(entry, stateOfBase(entry))).toBe(true)
    expect(stateOfBase({ ...file, seq: 7 }).seq).toBe(7)
    expect(stateOfBase({ ...file, seq: 0 }).seq).toBe(1)
  })

  test.each<[string, () => EntryState]>([
    ['another name', () => ({ ...state, name: 'other.txt' })],
    ['another directory', () => ({ ...state, parent: link.id })],
    ['a tombstone', () => ({ ...state, deleted: true })],
    ['a newer place', () => ({ ...state, placeVector: { planter: 2 } })],
    ['newer content', () => ({ ...state, contentVector: { planter: 1, other: 1 } })],
    ['a revival', () => ({ ...state, existenceVector: { other: 1 } })],
    ['an older content vector', () => ({ ...state, contentVector: {} })],
    ['another mode', () => ({ ...state, content: { ...state.content, mode: 0o600 } as EntryState['content'] })],
  ])('%s is not', (_what, other) => {
    expect(isInBase(file, other())).toBe(false)
  })

  test('of what the base does not hold, only a tombstone needs nothing done', () => {
    expect(isInBase(undefined, state)).toBe(false)
    expect(isInBase(undefined, { ...state, deleted: true })).toBe(true)
  })
})

describe('content', () => {
  test("a file's content is its bytes, mode and time", () => {
    if (file.content.kind !== 'file') throw new Error('no file')
    expect(sameContent(file, { content: { ...file.content } })).toBe(true)
    expect(sameContent(file, { content: { ...file.content, mtimeNs: '1' } })).toBe(false)
    expect(sameContent(file, { content: { ...file.content, mode: 0o600 } })).toBe(false)
  })

  test('kinds never equal each other; a symlink is its target', () => {
    expect(sameContent(file, directory)).toBe(false)
    expect(sameContent(directory, link)).toBe(false)
    expect(sameContent(link, { content: { kind: 'symlink', target: 'elsewhere' } })).toBe(false)
  })
})

describe('an echo of an earlier moment', () => {
  test('a state that lacks an event of any register is behind the base', () => {
    const seen = { ...file, placeVector: { planter: 2 }, contentVector: { planter: 1, other: 1 } }
    expect(isBehindBase(seen, stateOfBase(seen))).toBe(false)
    expect(isBehindBase(seen, { ...stateOfBase(seen), placeVector: { planter: 1 } })).toBe(true)
    expect(isBehindBase(seen, { ...stateOfBase(seen), contentVector: { planter: 5 } })).toBe(true)
    expect(isBehindBase({ ...seen, existenceVector: { other: 1 } }, stateOfBase(seen))).toBe(true)
  })

  test('a state that has seen more is not', () => {
    expect(isBehindBase(file, { ...state, contentVector: { planter: 1, other: 4 } })).toBe(false)
  })
})

describe('a state that waits, once an event of this node’s own was accepted', () => {
  /** As the base holds the file once its edit was accepted. */
  function edited(): BaseEntry {
    const content = { ...file.content, mode: 0o600 } as BaseEntry['content']
    return { ...file, content, contentVector: { planter: 5 } }
  }

  /** As the log told of it before. */
  function renamed(): EntryState {
    return { ...state, name: 'plan.txt', placeVector: { planter: 1, other: 9 } }
  }

  test('takes what was accepted and keeps what it knows', () => {
    const held = edited()
    const { content, contentVector } = held
    expect(withAccepted(renamed(), held)).toEqual({ ...renamed(), content, contentVector })
  })

  test('is what the base holds where it knew nothing else', () => {
    expect(isInBase(edited(), withAccepted(state, edited()))).toBe(true)
  })

  test('keeps what has seen the event, or something that the event has not', () => {
    const later = { ...renamed(), contentVector: { planter: 5, other: 2 } }
    const beside = { ...renamed(), contentVector: { other: 2 } }
    expect(withAccepted(later, edited())).toEqual(later)
    expect(withAccepted(beside, edited())).toEqual(beside)
  })

  test('stays a tombstone', () => {
    const gone = { ...renamed(), deleted: true }
    expect(withAccepted(gone, edited())).toEqual(gone)
  })
})
