import { DatabaseSync } from 'node:sqlite'
import { expect, test, vi } from 'vitest'
import { ROOT_ID } from '@causeway/protocol'
import { fillStore } from '../conformance/filled-store.ts'
import {
  applyNow,
  contentHashOf,
  DOCS,
  fileState,
  hashOf,
  idOf,
  LAPTOP,
  NOON,
  writesOf,
} from '../conformance/fixtures.ts'
import { openSqliteMetadataStore } from './open-sqlite-metadata-store.ts'

/** SQLite has counted nothing of these tables, and takes a folder for ten rows: whatever goes by the folder alone. */
const GREAT = /\b(entries|e|versions|conflicts|events|aliases|outcomes|folder_contents|log_marks)\b.*\(folder=\?\)$/

test('no statement of a commit walks through a folder: not what it is decided on, nor what it writes', async () => {
  const store = await openSqliteMetadataStore({ path: ':memory:' })
  const walks: string[] = []
  let seen = 0
  const prepare = DatabaseSync.prototype.prepare
  const spy = vi.spyOn(DatabaseSync.prototype, 'prepare').mockImplementation(function (this: DatabaseSync, sql) {
    seen++
    const steps = prepare.call(this, `EXPLAIN QUERY PLAN ${sql}`).all()
    for (const step of steps.map(({ detail }) => String(detail))) if (GREAT.test(step)) walks.push(`${step}: ${sql}`)
    return prepare.call(this, sql)
  })
  try {
    await store.write(fillStore)
    const ids = [1, 2, 3, 4].map((counter) => idOf(counter))
    await store.write(async (tx) => {
      const place = { parent: ROOT_ID, name: 'sub' }
      const rows = { entries: ids, places: [place], subtrees: ids, buried: ids, copies: ids, levels: ids }
      await tx.loadForCommit(DOCS, {
        node: LAPTOP,
        counters: [2, 3],
        chunks: [hashOf('one')],
        manifests: [contentHashOf('large')],
        rows,
        reads: ['read-write'],
        deletesFrom: NOON,
        sentFrom: NOON,
      })
      const gone = fileState(5, 'ärger 9', { id: idOf(3), parent: idOf(1), deleted: true })
      await applyNow(tx, writesOf([gone], { settled: [{ entry: idOf(2), how: 'deleted' }] }))
    })
  } finally {
    spy.mockRestore()
    await store.close()
  }
  expect(seen).toBeGreaterThan(30)
  expect(walks).toEqual([])
})
