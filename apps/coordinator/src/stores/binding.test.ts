import { expect, test } from 'vitest'
import { mismatchOf, mismatchText, type Mismatch, type StoreFacts } from './binding.ts'

const NO_PACKS = { count: 0, id: null, wanted: null, index: 'empty' } as const
const OWN = { directory: 'c-1', database: 'c-1' }
const FULL = { count: 3, id: 'p-1', wanted: 'p-1', index: 'fits' } as const

const cases: readonly (readonly [what: string, facts: StoreFacts, mismatch: Mismatch | null])[] = [
  ['a first start', { coordinator: { directory: null, database: null }, database: 'missing', packs: NO_PACKS }, null],
  [
    'a first start that was cut short when the database was made',
    { coordinator: { directory: null, database: null }, database: 'empty', packs: NO_PACKS },
    null,
  ],
  [
    'a first start that was cut short when the database had its notes',
    { coordinator: { directory: null, database: 'c-1' }, database: 'in-use', packs: { ...NO_PACKS, wanted: 'p-1' } },
    null,
  ],
  ['stores that belong together', { coordinator: OWN, database: 'in-use', packs: FULL }, null],
  [
    'an older installation whose index finds its chunks',
    {
      coordinator: { directory: 'c-1', database: null },
      database: 'in-use',
      packs: { ...FULL, id: null, wanted: null },
    },
    null,
  ],
  [
    'an older installation that holds nothing yet',
    { coordinator: { directory: 'c-1', database: null }, database: 'in-use', packs: NO_PACKS },
    null,
  ],
  [
    'a database from before packs had an id, put back beside its own packs',
    { coordinator: OWN, database: 'in-use', packs: { ...FULL, wanted: null } },
    null,
  ],
  [
    'packs without their note, whose chunks the index finds',
    { coordinator: OWN, database: 'in-use', packs: { ...FULL, id: null } },
    null,
  ],
  [
    'packs that are empty but for their note',
    { coordinator: OWN, database: 'in-use', packs: { ...FULL, count: 0, index: 'does-not-fit' } },
    null,
  ],
  [
    'a missing database',
    { coordinator: { directory: 'c-1', database: null }, database: 'missing', packs: FULL },
    'no-database',
  ],
  [
    'a missing database beside packs alone',
    { coordinator: { directory: null, database: null }, database: 'missing', packs: FULL },
    'no-database',
  ],
  [
    'a database that is empty beside packs',
    { coordinator: { directory: 'c-1', database: null }, database: 'empty', packs: FULL },
    'no-database',
  ],
  [
    "a directory in which only the coordinator's id is left",
    { coordinator: { directory: 'c-1', database: null }, database: 'missing', packs: NO_PACKS },
    'no-database',
  ],
  [
    'the database of another coordinator',
    { coordinator: { directory: 'c-1', database: 'c-2' }, database: 'in-use', packs: FULL },
    'other-coordinator',
  ],
  [
    'the packs of another installation',
    { coordinator: OWN, database: 'in-use', packs: { ...FULL, id: 'p-2' } },
    'other-packs',
  ],
  [
    "packs without an id that do not hold the index's chunks",
    {
      coordinator: { directory: 'c-1', database: null },
      database: 'in-use',
      packs: { count: 3, id: null, wanted: null, index: 'does-not-fit' },
    },
    'other-packs',
  ],
  [
    'a new database beside packs of an older installation',
    {
      coordinator: { directory: 'c-1', database: null },
      database: 'in-use',
      packs: { ...FULL, id: null, wanted: null, index: 'empty' },
    },
    'other-packs',
  ],
  [
    'an index beside an empty place where the packs were',
    { coordinator: OWN, database: 'in-use', packs: { count: 0, id: null, wanted: 'p-1', index: 'does-not-fit' } },
    'no-packs',
  ],
]

test.each(cases)('%s', (_what, facts, mismatch) => {
  expect(mismatchOf(facts)).toBe(mismatch)
})

test.each<Mismatch>(['no-database', 'other-coordinator', 'other-packs', 'no-packs'])(
  'what is said of %s names the database and a way on',
  (mismatch) => {
    const text = mismatchText(mismatch, { data: '/d', database: '/x/db.sqlite', packs: '/d/packs' })
    expect(text).toContain('/x/db.sqlite')
    expect(text).toMatch(/Nothing was changed\. Options: .*DATABASE_PATH/)
  },
)
