import { lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { toStat } from './disk-stat.ts'
import { loadNativeCalls } from './native.ts'

let base: string

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'causeway-statx-'))
})

afterEach(() => rmSync(base, { recursive: true }))

const spot = () => ({ fd: -1, prefix: base })

test.runIf(process.platform === 'linux')('the native look at an entry says what lstat says', async () => {
  const { look } = await loadNativeCalls()
  writeFileSync(join(base, 'file'), 'some bytes', { mode: 0o640 })
  writeFileSync(join(base, 'old'), '')
  utimesSync(join(base, 'old'), new Date(-86_400_500), new Date(-86_400_500))
  mkdirSync(join(base, 'directory'), { mode: 0o711 })
  symlinkSync('nowhere', join(base, 'link'))
  for (const name of ['file', 'old', 'directory', 'link', '.']) {
    const raw = lstatSync(join(base, name), { bigint: true })
    expect(look?.(spot(), name)).toEqual({ stat: toStat(raw), owner: Number(raw.uid) })
  }
  const device = lstatSync('/dev/null', { bigint: true })
  expect(look?.({ fd: -1, prefix: '/dev' }, 'null')).toMatchObject({ stat: toStat(device) })
})

test.runIf(process.platform === 'linux')('where it can not look it names the reason', async () => {
  const { look } = await loadNativeCalls()
  expect(look?.(spot(), 'nothing')).toBe('ENOENT')
  writeFileSync(join(base, 'file'), '')
  expect(look?.(spot(), 'file/below')).toBe('ENOTDIR')
})
