import { spawn } from 'node:child_process'
import {
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { base, LINUX, open, root, staged, statOf, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

describe('symlinks', () => {
  const OUTSIDE_SWAPS = [
    ['a parent', 'dir'],
    ['a parent of the parent', 'dir/sub'],
  ] as const

  test.each(OUTSIDE_SWAPS)('a symlink put in the place of %s never leads outside', async (_what, swapped) => {
    mkdirSync(join(root, 'dir/sub'), { recursive: true })
    mkdirSync(join(base, 'outside/sub'), { recursive: true })
    const victim = swapped === 'dir' ? join(base, 'outside/sub/file') : join(base, 'outside/file')
    writeFileSync(join(root, 'dir/sub/file'), 'inside')
    writeFileSync(victim, 'outside')
    linkSync(join(root, 'dir/sub/file'), join(base, 'hard link'))
    const files = await open()
    const expected = await statOf(files, 'dir/sub/file')
    const file = await staged(files, 'new')
    renameSync(join(root, swapped), join(base, 'moved away'))
    symlinkSync(join(base, 'outside'), join(root, swapped))

    expect(await files.placeNew(file, 'dir/sub/new')).toMatchObject({ kind: 'changed' })
    expect(await files.replace(file, 'dir/sub/file', expected)).toMatchObject({ kind: 'changed' })
    expect(await files.setMetadata('dir/sub/file', { mode: 0o600, mtimeNs: 1n }, expected)).toMatchObject({
      kind: 'changed',
    })
    expect(await files.move('dir/sub/file', 'stolen', expected)).toMatchObject({ kind: 'changed' })
    expect(await files.removeFile('dir/sub/file', expected)).toEqual({ kind: 'gone' })
    expect(await files.removeDirectory('dir/sub/sub')).toEqual({ kind: 'gone' })
    expect(await files.makeDirectory('dir/sub/made', 0o755)).toMatchObject({ kind: 'changed' })
    expect(await files.makeSymlink('dir/sub/made', 'x')).toMatchObject({ kind: 'changed' })
    expect(await files.list('dir/sub')).toBeUndefined()
    expect(await files.open('dir/sub/file')).toBeUndefined()
    expect(readdirSync(join(base, 'outside'), { recursive: true })).toHaveLength(2)
    expect([readFileSync(victim, 'utf8'), statSync(victim).mode & 0o777]).toEqual(['outside', 0o644])
    expect(readdirSync(join(base, 'moved away'), { recursive: true })).not.toContain('new')
  })

  test.runIf(LINUX)(
    'while a directory and a symlink to outside change places, nothing ever lands outside',
    async () => {
      mkdirSync(join(root, 'dir'))
      mkdirSync(join(base, 'outside'))
      symlinkSync(join(base, 'outside'), join(base, 'link'))
      const swapper = spawn(
        process.execPath,
        [
          '-e',
          `const fs = require('node:fs'); const [dir, link, aside] = process.argv.slice(1)
         for (;;) { fs.renameSync(dir, aside); fs.renameSync(link, dir); fs.renameSync(dir, link); fs.renameSync(aside, dir) }`,
          join(root, 'dir'),
          join(base, 'link'),
          join(base, 'aside'),
        ],
        { stdio: 'ignore' },
      )
      try {
        const files = await open()
        let placed = 0
        for (let i = 0; i < 300; i++) {
          const file = await staged(files, 'x')
          const result = await files.placeNew(file, `dir/file-${i}`)
          if (result.kind === 'placed') placed += 1
          else await files.discardStaged([file])
          await files.makeDirectory(`dir/dir-${i}`, 0o755)
        }
        expect(readdirSync(join(base, 'outside'))).toEqual([])
        expect(placed).toBeGreaterThan(0)
      } finally {
        swapper.kill('SIGKILL')
        await new Promise((resolve) => swapper.once('exit', resolve))
      }
    },
  )
})
