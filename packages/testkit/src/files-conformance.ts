import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { isSyncError } from '@causeway/protocol'
import { ASIDE_DIRECTORY, type Files, type ReplaceResult, type StagedFile, type Stat } from '@causeway/replica'
import { toBytes, type UserSide } from './user-side.ts'

export interface FilesFixture {
  readonly files: Files
  readonly user: UserSide
  /** How far a set mtime may be off. Default 0: exact to the nanosecond. */
  readonly mtimeErrorNs?: bigint
  /** Opens the same root as a new process would after this one was killed. */
  reopen(): Promise<Files> | Files
  /** Called after each test. */
  end?(): Promise<void> | void
}

const MTIME_NS = 1_700_000_000_123_456_789n

/** What every `Files` must hold. `open` gives one on an empty, bound root. */
export function filesConformance(name: string, open: () => Promise<FilesFixture>): void {
  describe(`${name} is a Files`, () => {
    let fixture: FilesFixture
    let files: Files
    let user: UserSide

    beforeEach(async () => {
      fixture = await open()
      files = fixture.files
      user = fixture.user
    })
    afterEach(() => fixture.end?.())

    /** Whether `staged` hands the bytes over in one go. */
    let inOneGo = false

    async function staged(content: string, mode = 0o644, mtimeNs = MTIME_NS): Promise<StagedFile> {
      if (inOneGo) {
        const whole = await files.stageWhole(toBytes(content), { mode, mtimeNs })
        await files.syncStaged([whole])
        return whole
      }
      const file = await files.stage(content.length)
      await file.write(toBytes(content))
      const done = await file.finish({ mode, mtimeNs })
      await files.syncStaged([done])
      return done
    }

    async function statOf(path: string): Promise<Stat> {
      const stat = await files.stat(path)
      if (stat === undefined) throw new Error(`nothing at ${path}`)
      return stat
    }

    async function contentOf(path: string): Promise<string | undefined> {
      const file = await files.open(path)
      if (file === undefined) return undefined
      const bytes = await file.read(0, 1_000_000)
      await file.close()
      return new TextDecoder().decode(bytes)
    }

    function expectPlaced(result: ReplaceResult): Stat {
      expect(result).toMatchObject({ kind: 'placed' })
      if (result.kind !== 'placed') throw new Error(result.detail)
      return result.stat
    }

    function expectMtime(stat: Stat, mtimeNs: bigint): void {
      const errorNs = stat.mtimeNs - mtimeNs
      expect(errorNs < 0n ? -errorNs : errorNs).toBeLessThanOrEqual(fixture.mtimeErrorNs ?? 0n)
    }

    describe('looking', () => {
      test('an empty root lists nothing, not even what belongs to Causeway', async () => {
        expect(await files.list('')).toEqual({ entries: [], problems: [] })
      })

      test('a directory lists its files, directories and symlinks with what stat says of them', async () => {
        user.write('dir/file', 'abc')
        user.mkdir('dir/sub')
        user.symlink('dir/link', 'file')
        const listing = await files.list('dir')
        const kinds = listing?.entries.map(({ name, stat }) => [name, stat.kind]).sort()
        expect(kinds).toEqual([
          ['file', 'file'],
          ['link', 'symlink'],
          ['sub', 'directory'],
        ])
        for (const entry of listing?.entries ?? []) expect(entry.stat).toEqual(await statOf(`dir/${entry.name}`))
      })

      test('what can not be synced is listed as a problem', async () => {
        user.makeFifo('pipe')
        expect(await files.list('')).toEqual({ entries: [], problems: [{ name: 'pipe', reason: 'unsupported-kind' }] })
      })

      test('what is no directory lists as undefined', async () => {
        user.write('file', 'x')
        user.mkdir('real')
        user.symlink('link', 'real')
        for (const path of ['absent', 'file', 'link', 'absent/deeper']) expect(await files.list(path)).toBeUndefined()
      })

      test.each([
        ['spaces and dots', ' . a  b .'],
        ['a leading dot', '.hidden'],
        ['a newline', 'line\nbreak'],
        ['a backslash', 'back\\slash'],
        ['a leading dash', '-rf'],
        ['composed Unicode', 'é'],
        ['decomposed Unicode', 'e\u0301'],
        ['an emoji', '👩‍🚀'],
        ['the replacement character', 'a\uFFFDb'],
        ['255 bytes', `${'ü'.repeat(127)}x`],
        ['a name of Object.prototype', '__proto__'],
      ])('a name with %s is listed, placed, read and removed as it is', async (_what, odd) => {
        const placed = expectPlaced(await files.placeNew(await staged('odd'), odd))
        expect((await files.list(''))?.entries).toEqual([{ name: odd, stat: placed }])
        expect(await contentOf(odd)).toBe('odd')
        expect(await files.removeFile(odd, placed)).toEqual({ kind: 'removed' })
      })

      test('stat says nothing of what is not there or lies behind a symlink', async () => {
        user.write('real/file', 'x')
        user.symlink('link', 'real')
        expect(await files.stat('absent')).toBeUndefined()
        expect(await files.stat('link/file')).toBeUndefined()
        expect(await files.stat('link')).toMatchObject({ kind: 'symlink' })
        expect(await files.stat('')).toMatchObject({ kind: 'directory' })
      })

      test.each([
        '/absolute',
        'a//b',
        'a/',
        '.',
        '..',
        'a/../b',
        './a',
        'nul\0',
        '\uD800',
        '.causeway',
        '.causeway/marker.json',
      ])('the path %j is refused by every call', async (path) => {
        const file = await staged('x')
        user.write('file', 'x')
        const stat = await statOf('file')
        const calls = [
          () => files.list(path),
          () => files.stat(path),
          () => files.open(path),
          () => files.readLink(path),
          () => files.placeNew(file, path),
          () => files.replace(file, path, stat),
          () => files.makeDirectory(path, 0o755),
          () => files.makeSymlink(path, 'x'),
          () => files.move('file', path, stat),
          () => files.move(path, 'other', stat),
          () => files.setMetadata(path, { mode: 0o600 }, stat),
          () => files.removeFile(path, stat),
          () => files.removeDirectory(path),
          () => files.syncDirectories([path]),
        ]
        for (const call of calls) {
          await expect(call()).rejects.toSatisfy((error) => isSyncError(error, 'io-error'))
        }
        expect(user.names('')).toEqual(['file'])
      })
    })

    describe('reading', () => {
      test('a small file comes whole where it is as it was looked at, and only there', async () => {
        user.write('file', 'small')
        const seen = await statOf('file')
        expect(await files.readWhole('file', seen)).toSatisfy((bytes) => Buffer.compare(bytes, toBytes('small')) === 0)
        user.write('file', 'other')
        expect(await files.readWhole('file', seen)).toBeUndefined()
        user.remove('file')
        expect(await files.readWhole('file', seen)).toBeUndefined()
        expect(await files.readWhole('no/such/file', seen)).toBeUndefined()
        user.mkdir('directory')
        expect(await files.readWhole('directory', await statOf('directory'))).toBeUndefined()
      })

      test('an empty file comes as no bytes', async () => {
        user.write('empty', '')
        expect(await files.readWhole('empty', await statOf('empty'))).toHaveLength(0)
      })

      test('a file is read in parts, and short only at its end', async () => {
        user.write('file', '0123456789')
        const file = await files.open('file')
        const part = async (offset: number, length: number): Promise<string> =>
          new TextDecoder().decode(await file?.read(offset, length))
        expect([await part(0, 4), await part(4, 4), await part(8, 4), await part(10, 4), await part(99, 1)]).toEqual([
          '0123',
          '4567',
          '89',
          '',
          '',
        ])
        await file?.close()
        await file?.close()
      })

      test('a file that grew after it was opened is read to its new end', async () => {
        user.write('file', 'old')
        const file = await files.open('file')
        user.append('file', ' and new')
        expect(new TextDecoder().decode(await file?.read(0, 100))).toBe('old and new')
        await file?.close()
      })

      test('an open file notices a write, a replacement, and nothing else', async () => {
        user.write('written', 'a')
        user.write('replaced', 'a')
        user.write('kept', 'a')
        user.write('new', 'a')
        const opened = [await files.open('written'), await files.open('replaced'), await files.open('kept')]
        user.append('written', 'b')
        user.rename('new', 'replaced')
        const unchanged: unknown[] = []
        for (const file of opened) unchanged.push(await file?.isUnchanged())
        expect(unchanged).toEqual([false, false, true])
        for (const file of opened) await file?.close()
      })

      test('only files are opened, and none through a symlink', async () => {
        user.write('real/file', 'x')
        user.symlink('link', 'real')
        user.symlink('to-file', 'real/file')
        user.makeFifo('pipe')
        for (const path of ['absent', 'real', 'link/file', 'to-file', 'pipe']) {
          expect(await files.open(path)).toBeUndefined()
        }
      })

      test('a symlink is read as text, and only a symlink', async () => {
        user.symlink('link', '../some where/ü')
        user.write('file', 'x')
        expect(await files.readLink('link')).toBe('../some where/ü')
        expect(await files.readLink('file')).toBeUndefined()
        expect(await files.readLink('absent')).toBeUndefined()
      })

      test('a file is read into a buffer, as far as both go', async () => {
        user.write('file', 'x'.repeat(300_000) + 'end')
        const file = await files.open('file')
        const buffer = new Uint8Array(8)
        expect(await file?.readInto(buffer, 299_998)).toBe(5)
        expect(new TextDecoder().decode(buffer)).toBe('xxend\0\0\0')
        expect(await file?.readInto(buffer, 0)).toBe(8)
        expect(await file?.readInto(buffer, 300_003)).toBe(0)
        expect(await file?.readInto(new Uint8Array(300_000), 3)).toBe(300_000)
        await file?.close()
      })

      test('what is not data is zeros', async () => {
        const staged = await files.stage(3_000_000)
        await staged.skip(1_000_000)
        await staged.write(toBytes('data'))
        await staged.skip(1_000_000)
        const done = await staged.finish({ mode: 0o644, mtimeNs: MTIME_NS })
        await files.syncStaged([done])
        expectPlaced(await files.placeNew(done, 'file'))
        const file = await files.open('file')
        for (const offset of [0, 500_000, 1_000_001, 1_500_000, 2_000_004]) {
          const from = file?.dataFrom(offset) ?? 0
          expect(from).toBeGreaterThanOrEqual(offset)
          const before = (await file?.read(offset, from - offset)) ?? toBytes('x')
          expect(before.every((byte) => byte === 0)).toBe(true)
        }
        expect(file?.dataFrom(1_000_002)).toBe(1_000_002)
        await file?.close()
      })

      test('a file that nobody has open has no writer that is known', async () => {
        user.write('file', 'x')
        expect(await files.hasWriter('file')).not.toBe(true)
        expect(await files.hasWriter('absent')).not.toBe(true)
      })
    })

    describe.each([
      ['piece by piece', false],
      ['in one go', true],
    ])('placing what was staged %s', (_how, whole) => {
      beforeEach(() => {
        inOneGo = whole
      })
      afterEach(() => {
        inOneGo = false
      })

      test('a staged file arrives with its bytes, mode and mtime, as stat then finds it', async () => {
        const stat = expectPlaced(await files.placeNew(await staged('hello', 0o751), 'file'))
        expect(await contentOf('file')).toBe('hello')
        expect(stat).toMatchObject({ kind: 'file', size: 5, mode: 0o751 })
        expectMtime(stat, MTIME_NS)
        expect(await statOf('file')).toEqual(stat)
      })

      test('bytes that are staged in parts, and none at all, arrive as written', async () => {
        const file = await files.stage(400_000)
        for (const letter of 'abcd') await file.write(toBytes(letter.repeat(100_000)))
        const long = await file.finish({ mode: 0o644, mtimeNs: MTIME_NS })
        const empty = await (await files.stage(0)).finish({ mode: 0o644, mtimeNs: MTIME_NS })
        await files.syncStaged([long, empty])
        expectPlaced(await files.placeNew(long, 'long'))
        expect(expectPlaced(await files.placeNew(empty, 'empty')).size).toBe(0)
        expect(await contentOf('long')).toBe(['a', 'b', 'c', 'd'].map((letter) => letter.repeat(100_000)).join(''))
      })

      test('what is being staged can be read as far as it is written, until it is finished', async () => {
        const file = await files.stage(300_000)
        expect(await file.read(0, 10)).toHaveLength(0)
        await file.write(toBytes('abcdef'))
        expect(Buffer.from(await file.read(2, 3)).toString()).toBe('cde')
        expect(Buffer.from(await file.read(4, 100)).toString()).toBe('ef')
        expect(await file.read(50, 10)).toHaveLength(0)
        await file.finish({ mode: 0o644, mtimeNs: MTIME_NS })
        expect(await file.read(0, 10)).toHaveLength(0)
        const dropped = await files.stage(3)
        await dropped.write(toBytes('abc'))
        await dropped.discard()
        expect(await dropped.read(0, 3)).toHaveLength(0)
      })

      test('zeros that are skipped arrive as zeros, between bytes and at the end', async () => {
        const file = await files.stage(300_000)
        await file.skip(10)
        await file.write(toBytes('a'))
        await file.skip(100_000)
        await file.write(toBytes('b'))
        await file.skip(7)
        await file.skip(13)
        const done = await file.finish({ mode: 0o644, mtimeNs: MTIME_NS })
        expect(done.size).toBe(100_032)
        await files.syncStaged([done])
        expect(expectPlaced(await files.placeNew(done, 'file'))).toEqual(await statOf('file'))
        const zeros = (count: number): string => '\0'.repeat(count)
        expect(await contentOf('file')).toBe(`${zeros(10)}a${zeros(100_000)}b${zeros(20)}`)
      })

      test('bits beyond the permissions never arrive', async () => {
        const stat = expectPlaced(await files.placeNew(await staged('x', 0o6755), 'file'))
        expect(stat.mode).toBe(0o755)
        expect(expectPlaced(await files.makeDirectory('dir', 0o1777)).mode).toBe(0o777)
      })

      test.each([0n, -1n, 2n ** 31n * 1_000_000_000n + 1n])('the mtime %s ns arrives', async (mtimeNs) => {
        const placed = expectPlaced(await files.placeNew(await staged('x', 0o644, mtimeNs), 'file'))
        expectMtime(placed, mtimeNs)
      })

      test('nothing is overwritten by a new file', async () => {
        user.write('file', 'mine')
        user.mkdir('dir')
        user.symlink('link', 'nowhere')
        const file = await staged('theirs')
        for (const path of ['file', 'dir', 'link']) {
          expect(await files.placeNew(file, path)).toMatchObject({ kind: 'changed' })
        }
        expect(await contentOf('file')).toBe('mine')
        expectPlaced(await files.placeNew(file, 'free'))
      })

      test('a parent that is gone, or became a file or symlink, is told', async () => {
        user.write('file', 'x')
        user.mkdir('real')
        user.symlink('link', 'real')
        const file = await staged('new')
        for (const parent of ['absent', 'file', 'link']) {
          expect(await files.placeNew(file, `${parent}/new`)).toMatchObject({ kind: 'changed' })
          expect(await files.makeDirectory(`${parent}/new`, 0o755)).toMatchObject({ kind: 'changed' })
          expect(await files.makeSymlink(`${parent}/new`, 'x')).toMatchObject({ kind: 'changed' })
        }
        expect(user.names('real')).toEqual([])
      })

      test('a file that is as expected is replaced', async () => {
        user.write('file', 'old')
        const stat = expectPlaced(await files.replace(await staged('new one', 0o600), 'file', await statOf('file')))
        expect(await contentOf('file')).toBe('new one')
        expect(await statOf('file')).toEqual(stat)
        expect(user.names('')).toEqual(['file'])
      })

      test('a symlink that is as expected is replaced, not followed', async () => {
        user.write('target', 'kept')
        user.symlink('link', 'target')
        expectPlaced(await files.replace(await staged('file now'), 'link', await statOf('link')))
        expect([await contentOf('link'), await contentOf('target')]).toEqual(['file now', 'kept'])
      })

      test.each([
        ['was written to', () => user.append('file', ' by me')],
        ['was replaced', () => user.rename('other', 'file')],
        ['was removed', () => user.remove('file')],
        ['became a directory', () => (user.remove('file'), user.mkdir('file'))],
        ['became a symlink', () => (user.remove('file'), user.symlink('file', 'other'))],
      ])('a file that %s is left alone', async (_what, change) => {
        user.write('file', 'old')
        user.write('other', 'other')
        const expected = await statOf('file')
        const file = await staged('new')
        change()
        const before = { names: user.names(''), content: user.read('file'), stat: await files.stat('file') }
        expect(await files.replace(file, 'file', expected)).toMatchObject({ kind: 'changed' })
        expect(await files.removeFile('file', expected)).not.toMatchObject({ kind: 'removed' })
        expect(await files.move('file', 'moved', expected)).toMatchObject({ kind: 'changed' })
        expect(await files.setMetadata('file', { mode: 0o600, mtimeNs: 5n }, expected)).toMatchObject({
          kind: 'changed',
        })
        expect({ names: user.names(''), content: user.read('file'), stat: await files.stat('file') }).toEqual(before)
      })

      test('a file that was not made durable can not be placed', async () => {
        const file = await (await files.stage(0)).finish({ mode: 0o644, mtimeNs: MTIME_NS })
        await expect(files.placeNew(file, 'file')).rejects.toSatisfy((error) => isSyncError(error, 'internal'))
        expect(user.names('')).toEqual([])
      })

      test('a discarded file is gone, whenever and however often it is discarded', async () => {
        const begun = await files.stage(3)
        await begun.write(toBytes('abc'))
        await begun.discard()
        await begun.discard()
        const done = await staged('x')
        await files.discardStaged([done])
        await files.discardStaged([done])
        await expect(files.placeNew(done, 'file')).rejects.toSatisfy((error) => isSyncError(error, 'internal'))
      })

      test('a batch of a hundred files is synced and placed', async () => {
        const batch: StagedFile[] = []
        for (let i = 0; i < 100; i++) {
          const file = await files.stage(1)
          await file.write(toBytes('x'))
          batch.push(await file.finish({ mode: 0o644, mtimeNs: MTIME_NS }))
        }
        await files.syncStaged(batch)
        for (const [index, file] of batch.entries()) expectPlaced(await files.placeNew(file, `file-${index}`))
        await files.syncDirectories([''])
        expect((await files.list(''))?.entries).toHaveLength(100)
      })

      test('directories and symlinks are made as told', async () => {
        expect(expectPlaced(await files.makeDirectory('dir', 0o700))).toMatchObject({ kind: 'directory', mode: 0o700 })
        expectPlaced(await files.makeSymlink('dir/link', '../elsewhere'))
        expect(await files.readLink('dir/link')).toBe('../elsewhere')
        expect(await files.makeDirectory('dir', 0o755)).toMatchObject({ kind: 'changed' })
        expect(await files.makeSymlink('dir', 'x')).toMatchObject({ kind: 'changed' })
      })
    })

    describe('a file that a program has open for writing', () => {
      async function textsIn(directory: string): Promise<readonly string[]> {
        const texts = await Promise.all(user.names(directory).map((name) => contentOf(`${directory}/${name}`)))
        return texts.map(String).sort()
      }

      test('is not replaced where that is known; elsewhere what is saved later comes back beside the new version', async () => {
        user.write('dir/log', 'old')
        const handle = user.openForWriting('dir/log')
        const { kind } = await files.replace(await staged('from elsewhere'), 'dir/log', await statOf('dir/log'))
        handle.append(' and late')
        handle.close()
        await files.returnLateSaves()
        const texts = await textsIn('dir')
        expect(texts).toEqual(kind === 'in-use' ? ['old and late'] : ['from elsewhere', 'old and late'])
        expect(await contentOf('dir/log')).toBe(kind === 'in-use' ? 'old and late' : 'from elsewhere')
        expect(await files.returnLateSaves()).toEqual([])
      })

      test('is not removed where that is known; elsewhere what is saved later is there again', async () => {
        user.write('dir/log', 'old')
        const handle = user.openForWriting('dir/log')
        const { kind } = await files.removeFile('dir/log', await statOf('dir/log'))
        expect(user.names('dir')).toEqual(kind === 'in-use' ? ['log'] : [])
        handle.append(' and late')
        handle.close()
        await files.returnLateSaves()
        expect([user.names('dir'), await textsIn('dir')]).toEqual([['log'], ['old and late']])
        expect(await files.returnLateSaves()).toEqual([])
      })

      test('has its late save where the directory is by then, also in a later run', async () => {
        user.write('dir/log', 'old')
        const handle = user.openForWriting('dir/log')
        await files.removeFile('dir/log', await statOf('dir/log'))
        handle.append(' and late')
        user.rename('dir', 'deep/moved')
        const next = await fixture.reopen()
        handle.close()
        await next.returnLateSaves()
        expect(await contentOf('deep/moved/log')).toBe('old and late')
      })

      test('one that was only read is replaced and removed, and never comes back', async () => {
        user.write('file', 'old')
        const reader = await files.open('file')
        const stat = expectPlaced(await files.replace(await staged('new'), 'file', await statOf('file')))
        expect(await files.removeFile('file', stat)).toEqual({ kind: 'removed' })
        expect(new TextDecoder().decode(await reader?.read(0, 10))).toBe('old')
        await reader?.close()
        expect(await files.returnLateSaves()).toEqual([])
        expect(user.names('')).toEqual([])
      })
    })

    describe('moving', () => {
      test('a file, a symlink and a full directory move with all that they are', async () => {
        user.write('file', 'abc')
        user.symlink('link', 'x')
        user.write('dir/deep/file', 'deep')
        user.mkdir('to')
        for (const path of ['file', 'link', 'dir']) {
          const before = await statOf(path)
          const after = expectPlaced(await files.move(path, `to/${path}`, before))
          expect([after.inode, after.size, after.mtimeNs]).toEqual([before.inode, before.size, before.mtimeNs])
          expect(await statOf(`to/${path}`)).toEqual(after)
        }
        expect(await contentOf('to/dir/deep/file')).toBe('deep')
        expect(user.names('')).toEqual(['to'])
      })

      test('what is in a moved directory is reached under its new path only', async () => {
        user.write('dir/file', 'abc')
        expect(await contentOf('dir/file')).toBe('abc')
        expectPlaced(await files.move('dir', 'moved', await statOf('dir')))
        expect(await contentOf('dir/file')).toBeUndefined()
        expect(await contentOf('moved/file')).toBe('abc')
        user.rename('moved', 'again')
        user.write('moved/file', 'another')
        expect([await contentOf('moved/file'), await contentOf('again/file')]).toEqual(['another', 'abc'])
      })

      test('a move overwrites nothing, not even an empty directory', async () => {
        user.write('file', 'a')
        user.write('taken', 'b')
        user.mkdir('dir')
        user.mkdir('empty')
        expect(await files.move('file', 'taken', await statOf('file'))).toMatchObject({ kind: 'changed' })
        expect(await files.move('dir', 'empty', await statOf('dir'))).toMatchObject({ kind: 'changed' })
        expect(await files.move('file', 'absent/file', await statOf('file'))).toMatchObject({ kind: 'changed' })
        expect(await contentOf('taken')).toBe('b')
        expect(user.names('')).toEqual(['dir', 'empty', 'file', 'taken'])
      })

      test('what steps aside is in no listing of the tree, is reached by its path, and moves back', async () => {
        expect(await files.list(ASIDE_DIRECTORY)).toBeUndefined()
        user.write('dir/file', 'abc')
        const aside = expectPlaced(await files.move('dir', `${ASIDE_DIRECTORY}/node.1~dir`, await statOf('dir')))
        expect((await files.list(''))?.entries).toEqual([])
        expect((await files.list(ASIDE_DIRECTORY))?.entries).toEqual([{ name: 'node.1~dir', stat: aside }])
        expect(await contentOf(`${ASIDE_DIRECTORY}/node.1~dir/file`)).toBe('abc')
        await files.syncDirectories(['', ASIDE_DIRECTORY])
        expectPlaced(await files.move(`${ASIDE_DIRECTORY}/node.1~dir`, 'dir', aside))
        expect(await contentOf('dir/file')).toBe('abc')
      })

      test('a name changes in case alone', async () => {
        user.write('file', 'a')
        expectPlaced(await files.move('file', 'FILE', await statOf('file')))
        expect(user.names('')).toEqual(['FILE'])
      })

      test('a directory does not move into itself', async () => {
        user.mkdir('dir/sub')
        await expect(files.move('dir', 'dir/sub/dir', await statOf('dir'))).rejects.toSatisfy((error) =>
          isSyncError(error, 'io-error'),
        )
        expect(await files.stat('dir/sub')).toBeDefined()
      })
    })

    describe('changing and removing', () => {
      test('mode and mtime are set to the nanosecond, and mode alone leaves the mtime', async () => {
        user.write('file', 'abc')
        const both = expectPlaced(
          await files.setMetadata('file', { mode: 0o640, mtimeNs: MTIME_NS }, await statOf('file')),
        )
        expect(both.mode).toBe(0o640)
        expectMtime(both, MTIME_NS)
        expect(await statOf('file')).toEqual(both)
        const modeAlone = expectPlaced(await files.setMetadata('file', { mode: 0o600 }, both))
        expect([modeAlone.mode, modeAlone.mtimeNs]).toEqual([0o600, both.mtimeNs])
      })

      test('a directory gets a mode', async () => {
        user.write('dir/file', 'abc')
        expect(expectPlaced(await files.setMetadata('dir', { mode: 0o750 }, await statOf('dir'))).mode).toBe(0o750)
      })

      test('a file and a symlink are removed, and gone when they are not there', async () => {
        user.write('dir/file', 'abc')
        user.symlink('dir/link', 'file')
        const [file, link] = [await statOf('dir/file'), await statOf('dir/link')]
        expect(await files.removeFile('dir/link', link)).toEqual({ kind: 'removed' })
        expect(await contentOf('dir/file')).toBe('abc')
        expect(await files.removeFile('dir/file', file)).toEqual({ kind: 'removed' })
        expect(await files.removeFile('dir/file', file)).toEqual({ kind: 'gone' })
        expect(await files.removeFile('absent/file', file)).toEqual({ kind: 'gone' })
      })

      test('only an empty directory is removed', async () => {
        user.write('full/file', 'abc')
        user.mkdir('empty')
        user.write('file', 'abc')
        expect(await files.removeDirectory('full')).toEqual({ kind: 'not-empty' })
        expect(await files.removeDirectory('empty')).toEqual({ kind: 'removed' })
        expect(await files.removeDirectory('empty')).toEqual({ kind: 'gone' })
        expect(await files.removeDirectory('file')).toEqual({ kind: 'gone' })
        expect(user.names('')).toEqual(['file', 'full'])
      })

      test('a directory is never removed as a file', async () => {
        user.mkdir('dir')
        expect(await files.removeFile('dir', await statOf('dir'))).toMatchObject({ kind: 'changed' })
        expect(user.names('')).toEqual(['dir'])
      })

      test('directories that are gone do not hinder making the others durable', async () => {
        user.mkdir('here')
        await files.syncDirectories(['', 'here', 'gone', 'gone/deeper'])
        expect(user.names('')).toEqual(['here'])
      })

      test('clearing the staging area leaves the tree alone', async () => {
        expectPlaced(await files.placeNew(await staged('kept'), 'file'))
        await files.clearStaging()
        expect(await contentOf('file')).toBe('kept')
        expectPlaced(await files.placeNew(await staged('also'), 'other'))
      })

      test('what a run leaves in the staging area is told to the next, which reads, keeps and clears it', async () => {
        const whole = await staged('finished')
        const begun = await files.stage(100)
        await begun.write(toBytes('begun'))
        expect(await files.leftovers()).toEqual([])
        const next = await fixture.reopen()
        const now = await next.stage(1)
        const left = await next.leftovers()
        expect(left.map(({ sizeBytes }) => sizeBytes).toSorted((a, b) => a - b)).toEqual([5, 8])
        const cut = left.find(({ id }) => id !== whole.id)
        const file = await cut?.open()
        expect(new TextDecoder().decode(await file?.read(0, 100))).toBe('begun')
        await file?.close()
        await next.clearStaging(left.filter((one) => one === cut))
        expect((await next.leftovers()).map(({ id }) => id)).toEqual([cut?.id])
        await cut?.discard()
        await cut?.discard()
        expect(await next.leftovers()).toEqual([])
        expect(await cut?.open()).toBeUndefined()
        await now.write(toBytes('x'))
        const done = await now.finish({ mode: 0o644, mtimeNs: MTIME_NS })
        await next.syncStaged([done])
        expectPlaced(await next.placeNew(done, 'file'))
      })

      test('the root is as it was bound', async () => {
        await expect(files.checkRoot()).resolves.toBeUndefined()
      })
    })
  })
}
