import { hash as hashOf } from 'node:crypto'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ROOT_ID, entryIdOf, ContentHashSchema, NodeIdSchema, type Content, type EntryId } from '@causeway/protocol'
import { DigestSums, bucketOf } from './digest-sums.ts'
import { entryDigest, type DigestedEntry } from './entry-digest.ts'

const sha256 = (text: string): Uint8Array => hashOf('sha256', text, 'buffer')
const [ash, birch] = ['ash', 'birch'].map((name) => NodeIdSchema.parse(name)) as [never, never]

const anyId = fc
  .record({ node: fc.constantFrom(ash, birch), counter: fc.integer({ min: 1, max: 50 }) })
  .map(({ node, counter }) => entryIdOf(node, counter))
const anyParent: fc.Arbitrary<EntryId> = fc.oneof(fc.constant(ROOT_ID), anyId)
const anyVector = fc.dictionary(fc.constantFrom('ash', 'birch', 'cedar'), fc.integer({ min: 1, max: 5 }))
const anyHash = fc.constantFrom('a', 'b').map((digit) => ContentHashSchema.parse(digit.repeat(64)))
const anyMode = fc.constantFrom(0o644, 0o755)
const anyContent: fc.Arbitrary<Content> = fc.oneof(
  fc.record({
    kind: fc.constant('file'),
    hash: anyHash,
    size: fc.nat(9),
    mode: anyMode,
    mtimeNs: fc.constantFrom('0', '1'),
  }),
  fc.record({ kind: fc.constant('directory'), mode: anyMode }),
  fc.record({ kind: fc.constant('symlink'), target: fc.constantFrom('a', 'b') }),
)
const anyEntry: fc.Arbitrary<DigestedEntry> = fc.record({
  id: anyId,
  parent: anyParent,
  name: fc.constantFrom('a', 'b', '["a"]', 'é', '\ud800'),
  content: anyContent,
  placeVector: anyVector,
  contentVector: anyVector,
  existenceVector: anyVector,
})
const anyEntries = fc.uniqueArray(anyEntry, { selector: ({ id }) => id, maxLength: 30 })

function sumsOf(entries: readonly DigestedEntry[]): DigestSums {
  const sums = new DigestSums()
  for (const entry of entries) sums.add(entry.parent, entryDigest(sha256, entry))
  return sums
}

const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')

test('the order in which entries are summed up does not matter', () => {
  const anyTwoOrders = anyEntries.chain((entries) =>
    fc.tuple(
      fc.constant(entries),
      fc.shuffledSubarray(entries, { minLength: entries.length, maxLength: entries.length }),
    ),
  )
  fc.assert(
    fc.property(anyTwoOrders, ([entries, shuffled]) => {
      expect(hex(sumsOf(shuffled).toBytes())).toBe(hex(sumsOf(entries).toBytes()))
    }),
    { seed: 1, numRuns: 100 },
  )
})

test('sums kept up with every change are those that come from summing up anew', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(anyEntry, fc.boolean()), { maxLength: 60 }), (changes) => {
      const entries = new Map<EntryId, DigestedEntry>()
      const kept = new DigestSums()
      for (const [entry, isRemoval] of changes) {
        const before = entries.get(entry.id)
        if (before !== undefined) kept.remove(before.parent, entryDigest(sha256, before))
        entries.delete(entry.id)
        if (isRemoval) continue
        entries.set(entry.id, entry)
        kept.add(entry.parent, entryDigest(sha256, entry))
      }
      expect(hex(kept.toBytes())).toBe(hex(sumsOf([...entries.values()]).toBytes()))
    }),
    { seed: 1, numRuns: 100 },
  )
})

test('any single difference changes the whole, and just the buckets of the directories it concerns', () => {
  fc.assert(
    fc.property(anyEntries, anyEntry, (others, entry) => {
      const entries = others.filter(({ id }) => id !== entry.id)
      const [without, sums] = [sumsOf(entries), sumsOf([...entries, entry])]
      expect(hex(sums.whole())).not.toBe(hex(without.whole()))
      expect(sums.differing(without)).toEqual([bucketOf(entry.parent)])
    }),
    { seed: 1, numRuns: 100 },
  )
  fc.assert(
    fc.property(anyEntry, anyEntry, (one, other) => {
      const isSame = JSON.stringify(normal(one)) === JSON.stringify(normal(other))
      expect(hex(entryDigest(sha256, one)) === hex(entryDigest(sha256, other))).toBe(isSame)
    }),
    { seed: 1, numRuns: 300 },
  )
})

test.each<[string, Partial<DigestedEntry>]>([
  ['id', { id: entryIdOf(ash, 2) }],
  ['directory', { parent: entryIdOf(ash, 9) }],
  ['name', { name: 'b' }],
  ['bytes', { content: file({ hash: ContentHashSchema.parse('b'.repeat(64)) }) }],
  ['mode', { content: file({ mode: 0o600 }) }],
  ['time', { content: file({ mtimeNs: '2' }) }],
  ['kind', { content: { kind: 'symlink', target: 'a' } }],
  ['place vector', { placeVector: { ash: 2 } }],
  ['content vector', { contentVector: { ash: 1, birch: 1 } }],
  ['existence vector', { existenceVector: { birch: 1 } }],
])('an entry of another %s has another digest', (_what, change) => {
  const entry: DigestedEntry = {
    id: entryIdOf(ash, 1),
    parent: ROOT_ID,
    name: 'a',
    content: file({}),
    placeVector: { ash: 1 },
    contentVector: { ash: 1 },
    existenceVector: {},
  }
  expect(hex(entryDigest(sha256, { ...entry, ...change }))).not.toBe(hex(entryDigest(sha256, entry)))
})

test('the order in which a vector names its nodes, and a node that counts zero, make no difference', () => {
  const [entry] = fc.sample(anyEntry, { seed: 1, numRuns: 1 })
  if (entry === undefined) throw new Error('no entry')
  const one = { ...entry, placeVector: { ash: 1, birch: 2 } }
  const other = { ...entry, placeVector: { birch: 2, cedar: 0, ash: 1 } }
  expect(hex(entryDigest(sha256, one))).toBe(hex(entryDigest(sha256, other)))
})

test('sums come back from their bytes, and a copy goes its own way', () => {
  const [entries] = fc.sample(anyEntries, { seed: 3, numRuns: 1 })
  const sums = sumsOf(entries ?? [])
  const copy = sums.copy()
  expect(DigestSums.fromBytes(sums.toBytes()).differing(sums)).toEqual([])
  copy.add(ROOT_ID, sha256('another'))
  expect(copy.differing(sums)).toEqual([bucketOf(ROOT_ID)])
})

test('directories spread over the buckets', () => {
  const used = new Set(Array.from({ length: 4000 }, (_, counter) => bucketOf(entryIdOf(ash, counter + 1))))
  expect(used.size).toBe(256)
})

function file(change: Partial<Extract<Content, { kind: 'file' }>>): Content {
  return { kind: 'file', hash: ContentHashSchema.parse('a'.repeat(64)), size: 1, mode: 0o644, mtimeNs: '1', ...change }
}

/** An entry with its vectors, and all else, in one order. */
function normal(entry: DigestedEntry): unknown {
  const sorted = (value: object): [string, unknown][] => Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))
  return sorted(entry).map(([key, value]) => [key, typeof value === 'object' && value !== null ? sorted(value) : value])
}
