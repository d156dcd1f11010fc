import { mkdtemp, open, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, describe, expect, test } from 'vitest'
import { applyNow, DOCS, fileState, folderRow, idOf, writesOf } from '../conformance/fixtures.ts'
import { manyWritersConformance, metadataStoreConformance } from '../conformance/metadata-store-conformance.ts'
import { openSqliteMetadataStore } from './open-sqlite-metadata-store.ts'

const scratch = await mkdtemp(join(tmpdir(), 'causeway-sqlite-'))
afterAll(() => rm(scratch, { recursive: true }))

let count = 0
const freshPath = () => join(scratch, `${++count}`, 'causeway.db')

metadataStoreConformance('SQLite on disk', () => openSqliteMetadataStore({ path: freshPath() }))
manyWritersConformance('SQLite on disk', async () => {
  const path = freshPath()
  return [await openSqliteMetadataStore({ path }), await openSqliteMetadataStore({ path })]
})
metadataStoreConformance('SQLite in memory', () => openSqliteMetadataStore({ path: ':memory:' }))

describe('a SQLite database on disk', () => {
  test('what was written is there after it was closed and opened again', async () => {
    const path = freshPath()
    const first = await openSqliteMetadataStore({ path })
    await first.write((tx) => tx.createFolder(folderRow()))
    await first.write((tx) => applyNow(tx, writesOf([fileState(1, 'a')])))
    await first.close()
    const second = await openSqliteMetadataStore({ path })
    expect(await second.read((tx) => tx.entries(DOCS, [idOf(1)]))).toEqual([fileState(1, 'a')])
    await second.close()
  })

  test('what a write promised is on the disk even if the store is never closed', async () => {
    const path = freshPath()
    const abandoned = await openSqliteMetadataStore({ path })
    await abandoned.write((tx) => tx.createFolder(folderRow()))
    const other = await openSqliteMetadataStore({ path })
    expect(await other.read((tx) => tx.folders())).toHaveLength(1)
    await other.close()
    await abandoned.close()
  })

  test('writes that wait at once share one commit', async () => {
    const commits: number[] = []
    const store = await openSqliteMetadataStore({ path: freshPath(), onCommit: ({ writes }) => commits.push(writes) })
    await Promise.all(Array.from({ length: 40 }, (_, index) => store.write((tx) => tx.putSetting(`${index}`, 'x'))))
    expect(commits).toEqual([40])
    await store.close()
  })

  test('space that is used no more goes back to the disk, while others read and write', async () => {
    const path = freshPath()
    const store = await openSqliteMetadataStore({ path })
    const size = async () => (await stat(path)).size
    const large = 'x'.repeat(100_000)
    for (let at = 0; at < 100; at++) await store.write((tx) => tx.putSetting(`${at}`, large))
    for (let at = 0; at < 100; at++) await store.write((tx) => tx.putSetting(`${at}`, ''))
    const giving = store.giveBackSpace()
    await store.write((tx) => tx.putSetting('meanwhile', 'written'))
    expect(await giving).toBeGreaterThan(5_000_000)
    expect(await store.giveBackSpace()).toBe(0)
    expect(await store.read((tx) => tx.setting('meanwhile'))).toBe('written')
    await store.close()
    expect(await size()).toBeLessThan(3_000_000)
  })

  test('a database from before free space could be given back is written anew when it is mostly free', async () => {
    const path = freshPath()
    await (await openSqliteMetadataStore({ path })).close()
    const old = new DatabaseSync(path)
    old.exec('PRAGMA auto_vacuum = NONE; VACUUM')
    const insert = old.prepare('INSERT INTO settings (key, value) VALUES (?, ?)')
    for (let at = 0; at < 200; at++) insert.run(`${at}`, 'x'.repeat(100_000))
    old.exec("DELETE FROM settings WHERE key <> '7'")
    old.close()
    const store = await openSqliteMetadataStore({ path })
    expect((await store.read((tx) => tx.setting('7')))?.length).toBe(100_000)
    await store.close()
    expect((await stat(path)).size).toBeLessThan(1_000_000)
  })

  test('a database of a newer version is refused and left as it is', async () => {
    const path = freshPath()
    await (await openSqliteMetadataStore({ path })).close()
    const database = new DatabaseSync(path)
    database.exec('PRAGMA user_version = 1000')
    database.close()
    await expect(openSqliteMetadataStore({ path })).rejects.toThrow(expect.objectContaining({ code: 'newer-format' }))
    const after = new DatabaseSync(path)
    expect(after.prepare('PRAGMA user_version').get()).toEqual({ user_version: 1000 })
    after.close()
  })

  test('a damaged database is refused', async () => {
    const path = freshPath()
    const store = await openSqliteMetadataStore({ path })
    await store.write((tx) => tx.createFolder(folderRow()))
    const states = Array.from({ length: 2000 }, (_, index) => fileState(index + 1, `file ${index}`))
    await store.write((tx) => applyNow(tx, writesOf(states)))
    await store.close()
    const { size } = await stat(path)
    const file = await open(path, 'r+')
    await file.write(Buffer.alloc(size / 2, 0x5a), 0, size / 2, 8192)
    await file.close()
    await expect(openSqliteMetadataStore({ path })).rejects.toThrow(expect.objectContaining({ code: 'io-error' }))
  })

  test('what is no database is refused', async () => {
    const path = join(scratch, 'no-database')
    const file = await open(path, 'w')
    await file.write('This is a letter to my aunt, and nothing that could be opened.'.repeat(100))
    await file.close()
    await expect(openSqliteMetadataStore({ path })).rejects.toThrow(expect.objectContaining({ code: 'io-error' }))
  })

  test('only its owner may read it', async () => {
    const path = freshPath()
    const store = await openSqliteMetadataStore({ path })
    await store.write((tx) => tx.putSetting('secret', 'x'))
    for (const file of [path, `${path}-wal`]) expect((await stat(file)).mode & 0o077).toBe(0)
    await store.close()
  })

  test('while another process holds the write lock, writers learn it and later writes go through', async () => {
    const path = freshPath()
    const store = await openSqliteMetadataStore({ path, busyTimeoutMs: 1 })
    const other = new DatabaseSync(path)
    other.exec('BEGIN IMMEDIATE')
    const refused = await Promise.allSettled([1, 2].map((n) => store.write((tx) => tx.putSetting(`${n}`, 'x'))))
    expect(refused.map((result) => result.status)).toEqual(['rejected', 'rejected'])
    expect(refused[0]).toMatchObject({
      reason: { code: 'io-error', message: expect.stringMatching(/another process/) },
    })
    other.exec('ROLLBACK')
    other.close()
    await store.write((tx) => tx.putSetting('1', 'y'))
    expect(await store.read((tx) => tx.setting('1'))).toBe('y')
    await store.close()
  })
})
