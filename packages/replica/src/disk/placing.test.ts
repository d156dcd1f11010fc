import { lstatSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { Stat } from '../files.ts'
import { loadNativeCalls } from './native.ts'
import { replaceByBackup, replaceByExchange } from './placing.ts'
import { putBack } from './removing.ts'
import { base, LINUX, open, root, staged, statOf, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

describe('a late version', () => {
  test.runIf(LINUX)('that arrives between the look and the exchange is put back', async () => {
    const files = await open()
    writeFileSync(join(root, 'file'), 'old')
    const expected = await statOf(files, 'file')
    const file = await staged(files, 'new')
    const native = await loadNativeCalls()
    expect(native.exchange).toBeDefined()
    const spots = { staged: spot(join(root, '.causeway/staging')), root: spot(root) }
    const ours = lstatOf(join(root, '.causeway/staging', file.id))
    writeFileSync(join(root, 'file'), 'late version')
    const exchange = native.exchange
    if (exchange === undefined) return
    expect(replaceByExchange(exchange, spots.staged, file.id, spots.root, 'file', ours, expected)).toBe(false)
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('late version')
    expect(readFileSync(join(root, '.causeway/staging', file.id), 'utf8')).toBe('new')
  })

  test.runIf(LINUX)('and one more that replaces the file in that moment stays as the newest', async () => {
    const files = await open()
    writeFileSync(join(root, 'file'), 'old')
    const expected = await statOf(files, 'file')
    const file = await staged(files, 'new')
    const native = await loadNativeCalls()
    const ours = lstatOf(join(root, '.causeway/staging', file.id))
    writeFileSync(join(root, 'file'), 'late version')
    let calls = 0
    const exchange: typeof native.exchange = (...given) => {
      calls += 1
      if (calls === 2) {
        writeFileSync(join(base, 'newest'), 'newest version')
        renameSync(join(base, 'newest'), join(root, 'file'))
      }
      return native.exchange?.(...given)
    }
    const spots = { staged: spot(join(root, '.causeway/staging')), root: spot(root) }
    expect(replaceByExchange(exchange, spots.staged, file.id, spots.root, 'file', ours, expected)).toBe(false)
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('newest version')
  })

  test('is put back where there is no exchange, too', async () => {
    writeFileSync(join(root, 'file'), 'old')
    const files = await open()
    const expected = await statOf(files, 'file')
    const file = await staged(files, 'new')
    writeFileSync(join(root, 'file'), 'late version')
    const stagingSpot = spot(join(root, '.causeway/staging'))
    expect(replaceByBackup(stagingSpot, file.id, 'backup', spot(root), 'file', expected)).toBe(false)
    expect(readFileSync(join(root, 'file'), 'utf8')).toBe('late version')
    expect(readdirSync(join(root, '.causeway/staging'))).toEqual([file.id])
  })

  test('whose name was taken while it was aside is kept beside it', async () => {
    const files = await open()
    writeFileSync(join(root, 'report.txt'), 'newer')
    writeFileSync(join(root, 'report (late version).txt'), 'taken as well')
    writeFileSync(join(root, '.causeway/staging/aside'), 'late')
    const context = { native: await loadNativeCalls() }
    const name = putBack(
      context,
      spot(join(root, '.causeway/staging')),
      'aside',
      spot(root),
      'report.txt',
      'report.txt',
    )
    expect(name).toBe('report (late version 2).txt')
    expect(readFileSync(join(root, name), 'utf8')).toBe('late')
    files.release()
  })

  function spot(prefix: string): { fd: number; prefix: string } {
    return { fd: -1, prefix }
  }

  function lstatOf(path: string): Stat {
    const raw = lstatSync(path, { bigint: true })
    return {
      kind: 'file',
      size: Number(raw.size),
      mode: Number(raw.mode) & 0o777,
      mtimeNs: raw.mtimeNs,
      ctimeNs: raw.ctimeNs,
      inode: raw.ino,
      birthtimeNs: raw.birthtimeNs,
      device: raw.dev,
    }
  }
})
