import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, closeSync, lstatSync, mkdirSync, openSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { createDiskUser, filesConformance } from '@causeway/testkit'
import { describe, expect, test } from 'vitest'
import { checkedDirectories } from './directories.ts'
import type { DiskFilesOptions } from './disk-files.ts'
import { base, LINUX, MTIME_NS, open, root, staged, statOf, withCode, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

function fixture(options: Partial<DiskFilesOptions>) {
  return async () => {
    const files = await open(options)
    const mtimeErrorNs = options.useNativeCalls === false ? 1_000_000n : 0n
    const opened = [files]
    const reopen = async () => {
      const next = await open(options)
      opened.push(next)
      return next
    }
    const end = () => opened.forEach((one) => one.release())
    return { files, user: createDiskUser(root), mtimeErrorNs, reopen, end }
  }
}

filesConformance('the disk', fixture({}))
filesConformance('the disk without native calls', fixture({ useNativeCalls: false }))
filesConformance('the disk with checked paths', fixture({ openDirectories: checkedDirectories }))

describe('modes, names and handles', () => {
  test('the umask takes no bit from what is placed', async () => {
    const files = await open()
    const before = process.umask(0o077)
    try {
      await files.placeNew(await staged(files, 'x', 0o777), 'file')
      await files.makeDirectory('dir', 0o775)
    } finally {
      process.umask(before)
    }
    expect([lstatSync(join(root, 'file')).mode & 0o7777, lstatSync(join(root, 'dir')).mode & 0o7777]).toEqual([
      0o777, 0o775,
    ])
  })

  test('a file of no rights at all is staged, placed, replaced and removed', async () => {
    const files = await open()
    expect(await files.placeNew(await staged(files, 'a', 0), 'file')).toMatchObject({
      kind: 'placed',
      stat: { mode: 0 },
    })
    expect(await files.replace(await staged(files, 'b', 0), 'file', await statOf(files, 'file'))).toMatchObject({
      kind: 'placed',
    })
    const set = await files.setMetadata('file', { mode: 0o200, mtimeNs: MTIME_NS }, await statOf(files, 'file'))
    expect(set).toMatchObject({ kind: 'placed', stat: { mode: 0o200, mtimeNs: MTIME_NS } })
    expect(await files.removeFile('file', await statOf(files, 'file'))).toEqual({ kind: 'removed' })
  })

  test('what was removed leaves nothing behind, though handles on directories are let go of at every new look', async () => {
    const files = await open()
    const names = Array.from({ length: 200 }, (_, index) => `file ${index}`)
    for (const name of names) {
      writeFileSync(join(root, name), name)
      expect(await files.removeFile(name, await statOf(files, name))).toEqual({ kind: 'removed' })
    }
    const left = (): string[] => ['displaced', 'staging'].flatMap((at) => readdirSync(join(root, '.causeway', at)))
    expect(left().length).toBeGreaterThan(0)
    const look = async (): Promise<number> => {
      await files.checkRoot()
      return left().length
    }
    await expect.poll(look, { timeout: 20_000, interval: 1 }).toBe(0)
    files.release()
  })

  test.runIf(LINUX)('a name that is no Unicode is a problem, and its neighbours are listed', async () => {
    const files = await open()
    writeFileSync(Buffer.concat([Buffer.from(`${root}/bad-`), Buffer.from([0xff, 0xfe])]), 'x')
    writeFileSync(join(root, 'good'), 'x')
    const listing = await files.list('')
    expect(listing?.entries.map(({ name }) => name)).toEqual(['good'])
    expect(listing?.problems).toMatchObject([{ reason: 'not-unicode' }])
  })

  test('a marker directory further down is an ordinary one', async () => {
    const files = await open()
    mkdirSync(join(root, 'dir/.causeway'), { recursive: true })
    expect((await files.list('dir'))?.entries.map(({ name }) => name)).toEqual(['.causeway'])
    expect(await files.makeDirectory('dir/.causeway/sub', 0o755)).toMatchObject({ kind: 'placed' })
  })

  test('a directory that was renamed and replaced is not acted on under its old path', async () => {
    const files = await open()
    await files.makeDirectory('dir', 0o755)
    await files.placeNew(await staged(files, 'a'), 'dir/a')
    renameSync(join(root, 'dir'), join(base, 'gone outside'))
    expect(await files.placeNew(await staged(files, 'b'), 'dir/b')).toMatchObject({ kind: 'changed' })
    mkdirSync(join(root, 'dir'))
    expect(await files.placeNew(await staged(files, 'c'), 'dir/c')).toMatchObject({ kind: 'placed' })
    expect([readdirSync(join(base, 'gone outside')), readdirSync(join(root, 'dir'))]).toEqual([['a'], ['c']])
  })

  test('a tree wider than the handles kept open, and as deep as allowed, is worked on', async () => {
    const files = await open()
    for (let i = 0; i < 620; i++) await files.makeDirectory(`wide-${i}`, 0o755)
    for (let i = 0; i < 620; i++)
      expect(await files.makeDirectory(`wide-${i}/x`, 0o755)).toMatchObject({ kind: 'placed' })
    let deep = 'd'
    for (let depth = 1; depth < 256; depth++) {
      await files.makeDirectory(deep, 0o755)
      deep += '/d'
    }
    expect(await files.makeSymlink(deep, 'x')).toMatchObject({ kind: 'placed' })
    expect(await files.move(deep, 'wide-0/link', await statOf(files, deep))).toMatchObject({ kind: 'placed' })
  })

  test.runIf(LINUX)('released handles are opened anew, and none are left behind', async () => {
    const files = await open()
    await files.makeDirectory('dir', 0o755)
    files.release()
    const before = readdirSync('/proc/self/fd').length
    const batch = await Promise.all(Array.from({ length: 80 }, () => files.stage(0)))
    const done = await Promise.all(batch.map((file) => file.finish({ mode: 0o600, mtimeNs: MTIME_NS })))
    await files.syncStaged(done)
    for (const [index, file] of done.entries()) await files.placeNew(file, `dir/${index}`)
    await (await files.open('dir/1'))?.close()
    await files.setMetadata('dir/1', { mode: 0o644, mtimeNs: MTIME_NS }, await statOf(files, 'dir/1'))
    await files.hasWriter('dir/1')
    await files.syncDirectories(['dir'])
    files.release()
    expect(readdirSync('/proc/self/fd').length).toBe(before)
  })

  test.runIf(LINUX).each([true, false])(
    'a process that has the file open for writing is a writer (native calls: %s)',
    async (useNativeCalls) => {
      const files = await open({ useNativeCalls })
      writeFileSync(join(root, 'file'), 'x')
      for (const [flags, isWriter] of [
        ['a', true],
        ['r', false],
      ] as const) {
        const fd = openSync(join(root, 'file'), flags)
        const holder = spawn('sleep', ['60'], { stdio: ['ignore', fd, 'ignore'] })
        closeSync(fd)
        try {
          expect(await files.hasWriter('file')).toBe(isWriter || (useNativeCalls ? false : undefined))
        } finally {
          holder.kill('SIGKILL')
          await new Promise((resolve) => holder.once('exit', resolve))
        }
      }
      expect(await files.hasWriter('file')).toBe(useNativeCalls ? false : undefined)
    },
  )

  test('what was removed leaves the disk soon after, however often handles are let go meanwhile', async () => {
    const files = await open()
    for (let number = 0; number < 200; number++) writeFileSync(join(root, `${number}`), 'x')
    for (let number = 0; number < 200; number++) {
      expect(await files.removeFile(`${number}`, await statOf(files, `${number}`))).toEqual({ kind: 'removed' })
    }
    const isGone = async () => {
      for (let times = 0; times < 20; times++) await files.checkRoot()
      return readdirSync(join(root, '.causeway/displaced')).length === 0
    }
    await expect.poll(isGone, { timeout: 20_000, interval: 1 }).toBe(true)
    files.release()
  })

  test('a full disk is told as that', async () => {
    const files = await open()
    await expect(files.stage(2 ** 60)).rejects.toSatisfy(withCode('disk-full'))
  })

  test('a refusal names what was tried, on what, and why', async () => {
    const files = await open()
    const file = await staged(files, 'x')
    await expect(files.placeNew(file, 'n'.repeat(256))).rejects.toThrow(/cannot place n+: the name is too long/)
  })
})

describe.runIf(LINUX && process.getuid?.() === 0)('what this user may not read', () => {
  test('is a problem in the listing', () => {
    chmodSync(base, 0o777)
    writeFileSync(join(root, 'secret'), 'x', { mode: 0o200 })
    writeFileSync(join(root, 'open'), 'x', { mode: 0o644 })
    mkdirSync(join(root, 'closed'), { mode: 0o300 })
    execFileSync('chown', ['-R', '65534:65534', root])
    const script = `
      import { openDiskFiles } from ${JSON.stringify(new URL('./disk-files.ts', import.meta.url).href)}
      const files = await openDiskFiles({ root: process.argv[1], folder: 'documents' })
      process.setgid(65534)
      process.setuid(65534)
      const { entries, problems } = await files.list('')
      console.log(JSON.stringify({ names: entries.map(({ name }) => name), problems: problems.map(({ name, reason }) => name + ' ' + reason).sort() }))`
    const output = execFileSync(process.execPath, ['--input-type=module', '-e', script, root], { encoding: 'utf8' })
    expect(JSON.parse(output)).toEqual({ names: ['open'], problems: ['closed unreadable', 'secret unreadable'] })
  })
})
