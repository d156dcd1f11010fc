import {
  chmodSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { asOrdinaryUser } from './test-support/ordinary-user.ts'
import { LINUX, open, root, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

const modeOf = (path: string): number => lstatSync(join(root, path)).mode & 0o7777
const records = (): string[] => readdirSync(join(root, '.causeway/lifted'))

describe.runIf(LINUX)('below a directory of mode 0555, which is this user’s own', () => {
  test('entries are added, edited, moved and removed, and the modes stay', () => {
    for (const path of ['cache/module', 'cache/gone', 'cache/moves/inner', 'other']) {
      mkdirSync(join(root, path), { recursive: true })
    }
    for (const path of ['edited', 'removed', 'moved']) writeFileSync(join(root, 'cache/module', path), 'old')
    for (const path of ['cache/module', 'cache/moves', 'cache', 'other']) chmodSync(join(root, path), 0o555)
    const told = asOrdinaryUser(
      root,
      `
      const stat = (path) => files.stat(path)
      const results = [
        await files.placeNew(await staged('x'), 'cache/module/new'),
        await files.replace(await staged('newer', 0o444), 'cache/module/edited', await stat('cache/module/edited')),
        await files.move('cache/module/moved', 'other/moved', await stat('cache/module/moved')),
        await files.removeFile('cache/module/removed', await stat('cache/module/removed')),
        await files.makeDirectory('cache/made', 0o555),
        await files.makeSymlink('cache/link', 'made'),
        await files.removeDirectory('cache/gone'),
        await files.move('cache/moves', 'other/moves', await stat('cache/moves')),
        await files.move('other/moves', '.causeway/aside/node.1~moves', await stat('other/moves')),
        await files.move('.causeway/aside/node.1~moves', 'cache/moves', await stat('.causeway/aside/node.1~moves')),
      ]
      for (const { kind } of results) tell(kind)
      for (const path of ['cache', 'cache/module', 'cache/moves', 'other', 'cache/made']) tell(modeOf(path))`,
    )
    const kinds = ['placed', 'placed', 'placed', 'removed', 'placed', 'placed', 'removed', 'placed', 'placed', 'placed']
    expect(told).toEqual([...kinds, '555', '555', '555', '555', '555'])
    expect(readdirSync(join(root, 'cache')).toSorted()).toEqual(['link', 'made', 'module', 'moves'])
    expect(readdirSync(join(root, 'cache/module')).toSorted()).toEqual(['edited', 'new'])
    expect(readFileSync(join(root, 'cache/module/edited'), 'utf8')).toBe('newer')
    expect(records()).toEqual([])
    // An ordinary user could not remove the test's directory otherwise.
    for (const path of ['cache', 'cache/module', 'cache/moves', 'cache/made', 'other'])
      chmodSync(join(root, path), 0o755)
  })

  test('what another owns is refused as it was, and its mode is left alone', () => {
    mkdirSync(join(root, 'theirs'))
    const told = asOrdinaryUser(
      root,
      `
      fs.chmodSync(root + '/theirs', 0o555)
      process.geteuid = () => 1
      await files.placeNew(await staged('x'), 'theirs/new').catch((error) => tell(error.message))
      tell(modeOf('theirs'))`,
    )
    expect(told).toEqual([expect.stringContaining('cannot place theirs/new: permission denied'), '555'])
  })
})

describe('a mode that was lifted when the process was killed', () => {
  /** As such a process leaves it. */
  function killed(path: string, mode: number): void {
    mkdirSync(join(root, path), { recursive: true })
    mkdirSync(join(root, '.causeway/lifted'), { recursive: true })
    symlinkSync(path, join(root, `.causeway/lifted/${lstatSync(join(root, path)).ino}_${mode.toString(8)}`))
    chmodSync(join(root, path), mode | 0o300)
  }

  test('is set back at the next start, wherever the directory is by then', async () => {
    killed('stays/here', 0o2555)
    killed('moves', 0o555)
    renameSync(join(root, 'moves'), join(root, 'stays/moved'))
    ;(await open()).release()
    expect([modeOf('stays/here'), modeOf('stays/moved')]).toEqual([0o2555, 0o555])
    expect(records()).toEqual([])
  })

  test('is left alone where somebody has set another since', async () => {
    killed('dir', 0o555)
    chmodSync(join(root, 'dir'), 0o750)
    ;(await open()).release()
    expect(modeOf('dir')).toBe(0o750)
    expect(records()).toEqual([])
  })
})
