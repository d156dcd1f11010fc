import { hash as sha } from 'node:crypto'
import { DigestSums, entryDigest } from '@causeway/engine'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import {
  entryIdOf,
  LOG_START,
  ROOT_ID,
  type Content,
  type EntryId,
  type EntryState,
  type FolderId,
  type ContentHash,
  type NodeId,
} from '@causeway/protocol'
import type { BaseEntry, ReplicaState } from '@causeway/replica'

/** The folder and node that `open` is asked for. */
export interface ReplicaStateNames {
  readonly folder: FolderId
  readonly node: NodeId
}

const NAMES: ReplicaStateNames = { folder: 'documents' as FolderId, node: 'laptop' as NodeId }

/** What every `ReplicaState` must hold. `open` gives an empty one, which the suite closes. */
export function replicaStateConformance(
  name: string,
  open: (names: ReplicaStateNames) => ReplicaState & { close(): void },
): void {
  describe(`${name} is a ReplicaState`, () => {
    let state: ReturnType<typeof open>

    beforeEach(() => {
      state = open(NAMES)
    })
    afterEach(() => state.close())

    test('it says whose it is, and begins empty', () => {
      expect({ folder: state.folder, node: state.node }).toEqual(NAMES)
      expect([state.baseCount(), state.pendingCount(), [...state.baseAll()], state.pending()]).toEqual([0, 0, [], []])
      expect([state.cursor(), state.clock(), state.setting('any')]).toEqual([LOG_START, {}, undefined])
      expect(state.tombstone(entryIdOf(NAMES.node, 1))).toBeUndefined()
    })

    test('any base entry comes back as it was put', () => {
      fc.assert(
        fc.property(anyBaseEntry, (entry) => {
          state.putBase(entry)
          expect(state.base(entry.id)).toEqual(entry)
          expect([...state.baseAll()]).toEqual([entry])
          state.removeBase(entry.id)
          expect(state.base(entry.id)).toBeUndefined()
        }),
        { numRuns: 50 },
      )
    })

    test('what is believed of an entry is what is pending of it, else the base; what is gone is left out', () => {
      for (const counter of [1, 2, 3, 4]) state.putBase(baseEntry(counter))
      state.putPending({ ...entryState(2, 10), name: 'pending' })
      state.putPending({ ...entryState(3, 11), deleted: true })
      state.putPending(entryState(5, 12))
      state.putPending({ ...entryState(6, 13), deleted: true })
      for (const limit of [1, 2, 3, 100]) {
        const names: string[] = []
        for (let after: string | null = ''; after !== null;) {
          const page = state.believedAfter(after, limit)
          names.push(...page.entries.map(({ name }) => name))
          after = page.next
        }
        expect(names).toEqual([baseEntry(1).name, 'pending', baseEntry(4).name, 'entry 5'])
      }
    })

    test('sums of what is believed, kept up through anything that happens, are those counted from scratch', () => {
      const anyStep = fc.oneof(
        fc.record({
          kind: fc.constantFrom('putBase', 'removeBase', 'removePending'),
          entry: fc.integer({ min: 1, max: 9 }),
        }),
        fc.record({ kind: fc.constantFrom('pending', 'tombstone'), entry: fc.integer({ min: 1, max: 9 }) }),
        fc.record({ kind: fc.constantFrom('count', 'rollBack', 'forget'), entry: fc.integer({ min: 1, max: 3 }) }),
      )
      fc.assert(
        fc.property(fc.array(anyStep, { maxLength: 60 }), (steps) => {
          for (const { id } of state.baseAll()) state.removeBase(id)
          for (const { id } of state.pending()) state.removePending(id)
          steps.forEach(({ kind, entry }, at) => {
            const id = entryIdOf(NAMES.node, entry)
            if (kind === 'putBase') state.putBase(baseEntry(entry, { name: `name ${at}` }))
            else if (kind === 'removeBase') state.removeBase(id)
            else if (kind === 'removePending') state.removePending(id)
            else if (kind === 'count') state.countBeliefs(entry)
            else if (kind === 'forget') state.forgetBeliefs()
            else if (kind === 'rollBack') rollBack(state, () => state.putBase(baseEntry(entry, { name: 'undone' })))
            else state.putPending({ ...entryState(entry, at + 1), deleted: kind === 'tombstone' })
          })
          expect(wholeOf(state)).toEqual(countedFromScratch(state))
        }),
        { seed: 1, numRuns: 100 },
      )
    })

    test('an entry is found by its place, and moves with it', () => {
      const [a, b] = [baseEntry(1, { name: 'a' }), baseEntry(2, { name: 'b' })]
      state.putBase(a)
      state.putBase(b)
      state.putBase({ ...a, parent: b.id, name: 'ä' })
      expect(state.baseAt(ROOT_ID, 'a')).toBeUndefined()
      expect(state.baseAt(b.id, 'ä')?.id).toBe(a.id)
      expect(state.baseChildren(ROOT_ID).map(({ id }) => id)).toEqual([b.id])
      expect(state.baseCount()).toBe(2)
    })

    test('two entries may share a place for a while, as when names are swapped', () => {
      const [a, b] = [baseEntry(1, { name: 'same' }), baseEntry(2, { name: 'same' })]
      state.putBase(a)
      state.putBase(b)
      expect(state.baseChildren(ROOT_ID)).toHaveLength(2)
      state.removeBase(a.id)
      expect(state.baseAt(ROOT_ID, 'same')).toEqual(b)
    })

    test('names that differ in case or Unicode form are different names', () => {
      for (const [index, name] of ['é', 'e\u0301', 'É', 'line\nbreak', "o'brien", '%'].entries()) {
        state.putBase(baseEntry(index + 1, { name }))
        expect(state.baseAt(ROOT_ID, name)?.name).toBe(name)
      }
      expect(state.baseCount()).toBe(6)
    })

    test('an entry is found by its inode only with the right device and birth time', () => {
      const entry = baseEntry(1, {})
      const { device, inode, birthtimeNs } = entry.stat
      state.putBase(entry)
      expect(state.baseByInode(device, inode, birthtimeNs)).toEqual([entry])
      expect(state.baseByInode(device + 1n, inode, birthtimeNs)).toEqual([])
      expect(state.baseByInode(device, inode, birthtimeNs + 1n)).toEqual([])
      expect(state.baseByInode(device, inode + 1n, birthtimeNs)).toEqual([])
    })

    test('an inode number of 64 bits is kept whole', () => {
      const entry = baseEntry(1, {})
      const stat = { ...entry.stat, inode: 2n ** 64n - 1n, device: 2n ** 63n }
      state.putBase({ ...entry, stat })
      expect(state.baseByInode(stat.device, stat.inode, stat.birthtimeNs)[0]?.stat).toEqual(stat)
    })

    test('a file is found by its whole hash, not by a part of it', () => {
      const near = { ...fileContent, hash: `${fileContent.hash.slice(0, 63)}0` as ContentHash }
      state.putBase(baseEntry(1, { content: fileContent }))
      expect(state.baseByHash(near.hash)).toBeUndefined()
      state.putBase(baseEntry(2, { content: near, name: 'near' }))
      expect(state.baseByHash(near.hash)?.name).toBe('near')
      expect(state.baseByHash(fileContent.hash)?.name).toBe('entry')
    })

    test('all base entries are walked once, also while they are changed', () => {
      state.transaction(() => {
        for (let i = 1; i <= 2500; i++) state.putBase(baseEntry(i, { name: `n${i}` }))
      })
      const seen = new Set<string>()
      for (const entry of state.baseAll()) {
        expect(seen.has(entry.id)).toBe(false)
        seen.add(entry.id)
        state.putBase({ ...entry, racy: true })
      }
      expect(seen.size).toBe(2500)
      expect([...state.baseAll()].every(({ racy }) => racy)).toBe(true)
    })

    test('pending states come by rising seq, each once, and by parent', () => {
      const parent = entryIdOf(NAMES.node, 9)
      state.putPending(entryState(1, 30))
      state.putPending(entryState(2, 10, parent))
      state.putPending(entryState(3, 20))
      state.putPending(entryState(1, 40))
      expect(state.pending().map(({ seq }) => seq)).toEqual([10, 20, 40])
      expect(state.pending(2).map(({ seq }) => seq)).toEqual([10, 20])
      expect(state.pendingChildren(parent)).toEqual([entryState(2, 10, parent)])
      expect([state.pendingCount(), state.pendingOf(entryIdOf(NAMES.node, 1))]).toEqual([3, entryState(1, 40)])
      state.removePending(entryIdOf(NAMES.node, 1))
      expect([state.pendingCount(), state.pendingOf(entryIdOf(NAMES.node, 1))]).toEqual([2, undefined])
    })

    test('tombstones are kept until they are removed', () => {
      const [a, b] = [entryState(1, 5), entryState(2, 6)]
      state.putTombstone(a)
      state.putTombstone(b)
      expect([state.tombstone(a.id), state.tombstone(b.id)]).toEqual([a, b])
      expect(new Set(state.tombstones())).toEqual(new Set([a, b]))
      state.removeTombstone(a.id)
      expect([state.tombstone(a.id), state.tombstone(b.id)]).toEqual([undefined, b])
    })

    test('cursor, clock and settings are what they were last set to', () => {
      const cursor = { epoch: 'e1', seq: 7, tag: 't' }
      const clock = Object.fromEntries([
        ['laptop', 3],
        ['toString', 2],
      ])
      state.setCursor(cursor)
      state.setClock(clock)
      state.putSetting('cursor', 'not the cursor')
      state.putSetting('halt', 'yes')
      expect([state.cursor(), state.clock(), state.setting('halt')]).toEqual([cursor, clock, 'yes'])
      state.putSetting('halt', null)
      expect([state.setting('halt'), state.setting('cursor')]).toEqual([undefined, 'not the cursor'])
    })

    test('counters rise from 1 and never come twice, whatever is taken and raised', () => {
      expect(state.takeCounters(1)).toBe(1)
      let last = 1
      fc.assert(
        fc.property(fc.integer({ min: -1000, max: 2500 }), fc.integer({ min: 1, max: 2500 }), (ahead, count) => {
          if (last + ahead > 0) state.raiseCounter(last + ahead)
          last = Math.max(last, last + ahead)
          expect(state.takeCounters(count)).toBe(last + 1)
          last += count
        }),
      )
    })

    test('a transaction that fails leaves nothing behind, but its counters are spent', () => {
      const before = state.takeCounters(1)
      expect(() =>
        state.transaction(() => {
          state.putBase(baseEntry(1, {}))
          state.setCursor({ epoch: 'e', seq: 1, tag: '' })
          state.takeCounters(5)
          throw new Error('stop')
        }),
      ).toThrow('stop')
      expect([state.baseCount(), state.cursor()]).toEqual([0, LOG_START])
      expect(state.takeCounters(1)).toBe(before + 6)
    })

    test('a transaction within a transaction is a part of it', () => {
      expect(() =>
        state.transaction(() => {
          state.transaction(() => state.putBase(baseEntry(1, {})))
          expect(state.baseCount()).toBe(1)
          throw new Error('stop')
        }),
      ).toThrow('stop')
      expect(state.baseCount()).toBe(0)
      expect(state.transaction(() => 'result')).toBe('result')
    })

    test('a chunk list is kept as it was put, the last one of a content', () => {
      const content = hashOf('a')
      expect(state.chunkList(content)).toBeUndefined()
      state.putChunkList(content, new Uint8Array(36))
      expect(state.chunkList(content)).toEqual(new Uint8Array(36))
      const list = Uint8Array.of(1, 2, 255)
      state.putChunkList(content, list)
      expect(state.chunkList(content)).toEqual(list)
      expect(state.chunkList(hashOf('b'))).toBeUndefined()
      expect([...state.chunkListNames()]).toEqual([content])
    })

    test('the empty chunk list is a chunk list', () => {
      state.putChunkList(hashOf('a'), new Uint8Array())
      expect(state.chunkList(hashOf('a'))).toEqual(new Uint8Array())
    })

    test('pruning forgets the chunk lists of contents that no entry of the base holds, and no others', () => {
      const list = new Uint8Array(36)
      const held = { ...fileContent, hash: hashOf('a') }
      state.putBase(baseEntry(1, { content: held }))
      state.putBase(baseEntry(2, { name: 'copy', content: held }))
      state.putBase(baseEntry(3, { name: 'directory', content: { kind: 'directory', mode: 0o755 } }))
      state.putChunkList(held.hash, list)
      state.putChunkList(hashOf('b'), list)
      state.pruneChunkLists()
      expect([state.chunkList(held.hash), state.chunkList(hashOf('b'))]).toEqual([list, undefined])
      state.removeBase(entryIdOf(NAMES.node, 1))
      state.pruneChunkLists()
      expect(state.chunkList(held.hash)).toEqual(list)
      state.putBase(baseEntry(2, { name: 'copy', content: { ...held, hash: hashOf('c') } }))
      state.pruneChunkLists()
      expect(state.chunkList(held.hash)).toBeUndefined()
    })

    test('a chunk list is forgotten with the transaction that put it', () => {
      const fails = () =>
        state.transaction(() => {
          state.putChunkList(hashOf('a'), new Uint8Array(36))
          throw new Error('not now')
        })
      expect(fails).toThrow('not now')
      expect(state.chunkList(hashOf('a'))).toBeUndefined()
    })
  })
}

const hashOf = (digit: string): ContentHash => digit.repeat(64) as ContentHash

const fileContent = {
  kind: 'file',
  hash: 'ab'.repeat(32) as ContentHash,
  size: 3,
  mode: 0o644,
  mtimeNs: '1700000000123456789',
} satisfies Content

function baseEntry(counter: number, changes: Partial<BaseEntry> = {}): BaseEntry {
  return {
    id: entryIdOf(NAMES.node, counter),
    parent: ROOT_ID,
    name: 'entry',
    placeVector: { laptop: counter },
    content: fileContent,
    contentVector: { laptop: counter },
    existenceVector: {},
    stat: {
      kind: 'file',
      size: 3,
      mode: 0o644,
      mtimeNs: 1_700_000_000_123_456_789n,
      ctimeNs: 1_700_000_000_223_456_789n,
      inode: 4711n + BigInt(counter),
      birthtimeNs: 1_600_000_000_000_000_001n,
      device: 66_306n,
    },
    seq: 3,
    racy: false,
    ...changes,
  }
}

/** Runs something in a transaction that comes to nothing. */
function rollBack(state: ReplicaState, work: () => void): void {
  try {
    state.transaction(() => {
      work()
      throw new Error('not this time')
    })
  } catch (error) {
    if (!(error instanceof Error) || error.message !== 'not this time') throw error
  }
}

function wholeOf(state: ReplicaState): Uint8Array {
  for (;;) {
    const sums = state.countBeliefs(2)
    if (sums !== undefined) return sums.toBytes()
  }
}

function countedFromScratch(state: ReplicaState): Uint8Array {
  const sums = new DigestSums()
  for (const entry of state.believedAfter('', 1000).entries) {
    sums.add(
      entry.parent,
      entryDigest((text) => sha('sha256', text, 'buffer'), entry),
    )
  }
  return sums.toBytes()
}

function entryState(counter: number, seq: number, parent: EntryId = ROOT_ID): EntryState {
  return {
    id: entryIdOf(NAMES.node, counter),
    seq,
    parent,
    name: `entry ${counter}`,
    placeVector: { laptop: counter },
    content: fileContent,
    contentVector: { laptop: counter, phone: 2 },
    deleted: false,
    existenceVector: {},
  }
}

const anyVector = fc.dictionary(fc.constantFrom('laptop', 'phone', 'toString', 'valueOf'), fc.integer({ min: 1 }), {
  noNullPrototype: true,
})
const anyUnsigned64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n })
const anyNanoseconds = fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.record({ kind: fc.constant('directory' as const), mode: fc.integer({ min: 0, max: 0o777 }) }),
  fc.record({ kind: fc.constant('symlink' as const), target: fc.string({ unit: 'grapheme', minLength: 1 }) }),
  fc.record({
    kind: fc.constant('file' as const),
    hash: fc
      .uint8Array({ minLength: 32, maxLength: 32 })
      .map((bytes) => Buffer.from(bytes).toString('hex') as ContentHash),
    size: fc.maxSafeNat(),
    mode: fc.integer({ min: 0, max: 0o777 }),
    mtimeNs: anyNanoseconds.map(String),
  }),
)
const anyBaseEntry: fc.Arbitrary<BaseEntry> = fc.record({
  id: fc.integer({ min: 1 }).map((counter) => entryIdOf(NAMES.node, counter)),
  parent: fc.constantFrom(ROOT_ID, entryIdOf(NAMES.node, 1)),
  name: fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }),
  placeVector: anyVector,
  content: anyContent,
  contentVector: anyVector,
  existenceVector: anyVector,
  seq: fc.maxSafeNat(),
  racy: fc.boolean(),
  stat: fc.record({
    kind: fc.constantFrom('file', 'directory', 'symlink'),
    size: fc.maxSafeNat(),
    mode: fc.integer({ min: 0, max: 0o777 }),
    mtimeNs: anyNanoseconds,
    ctimeNs: anyNanoseconds,
    inode: anyUnsigned64,
    birthtimeNs: anyNanoseconds,
    device: anyUnsigned64,
  }),
})
