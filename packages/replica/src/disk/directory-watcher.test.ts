import { mkdirSync, mkdtempSync, realpathSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { Watcher, WatchHint } from '../watcher.ts'
import { createWatcher, type WatcherOptions } from './directory-watcher.ts'
import { createHintBatch } from './hint-batch.ts'

let base: string
let root: string
let watcher: Watcher | undefined
let hints: WatchHint[]

beforeEach(() => {
  base = realpathSync(mkdtempSync(join(tmpdir(), 'causeway-watch-')))
  root = join(base, 'root')
  mkdirSync(root)
  hints = []
})
afterEach(async () => {
  await watcher?.stop()
  rmSync(base, { recursive: true, force: true })
})

async function watchRoot(options: Partial<WatcherOptions> = {}): Promise<void> {
  watcher = createWatcher({ root, ...options })
  await watcher.start((hint) => hints.push(hint))
}

function write(path: string, content = 'x'): void {
  mkdirSync(dirname(join(root, path)), { recursive: true })
  writeFileSync(join(root, path), content)
}

function covers(hint: WatchHint, directory: string): boolean {
  if (hint.directory === directory) return true
  return hint.recursive && (hint.directory === '' || directory.startsWith(`${hint.directory}/`))
}

async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await new Promise((resolve) => setTimeout(resolve, 2))
}

async function untilHinted(directory: string): Promise<void> {
  await until(() => hints.some((hint) => covers(hint, directory)))
}

/** Waits until events that were under way have come, then forgets them. */
async function settle(): Promise<void> {
  write('settle-marker', String(hints.length))
  await untilHinted('')
  await new Promise((resolve) => setTimeout(resolve, 60))
  hints = []
}

describe('the watcher', () => {
  test('a name is noticed before its directory is hinted, under its own path', async () => {
    write('a/b/file')
    const noticed: string[] = []
    await watchRoot({ onNotice: (path) => noticed.push(`${path}, ${hints.length} hints`) })
    write('a/b/file', 'longer')
    await untilHinted('a/b')
    expect(new Set(noticed)).toEqual(new Set(['a/b/file, 0 hints']))
  })

  test('a file that is created, written and removed hints its directory, and no more', async () => {
    write('a/b/file')
    write('c/file')
    await watchRoot()
    for (const change of [
      () => write('a/b/file', 'longer'),
      () => write('a/b/new'),
      () => rmSync(join(root, 'a/b/new')),
    ]) {
      hints = []
      change()
      await untilHinted('a/b')
      expect(hints).toEqual([{ directory: 'a/b', recursive: false }])
      await settle()
    }
  })

  test.each([
    [
      'a new file renamed over',
      () => (write('dir/file.tmp', 'new'), renameSync(join(root, 'dir/file.tmp'), join(root, 'dir/file'))),
    ],
    [
      'removed, then a new one renamed in',
      () => {
        write('dir/file.tmp', 'new')
        rmSync(join(root, 'dir/file'))
        renameSync(join(root, 'dir/file.tmp'), join(root, 'dir/file'))
      },
    ],
    [
      'the old one renamed to a backup, a new one written',
      () => {
        renameSync(join(root, 'dir/file'), join(root, 'dir/file~'))
        write('dir/file', 'new')
      },
    ],
    ['truncated and written in place', () => write('dir/file', '')],
    [
      'a new file from elsewhere renamed over',
      () => {
        writeFileSync(join(base, 'elsewhere'), 'new')
        renameSync(join(base, 'elsewhere'), join(root, 'dir/file'))
      },
    ],
  ])('a save is seen: %s', async (_how, save) => {
    write('dir/file', 'old')
    await watchRoot()
    save()
    await untilHinted('dir')
    hints = []
    write('dir/file', 'newer')
    await untilHinted('dir')
    expect(hints.every(({ directory }) => directory === 'dir')).toBe(true)
  })

  test('two thousand files in new nested directories are all covered by hints that come after them', async () => {
    await watchRoot()
    const uncovered = new Map<string, number>()
    for (let i = 0; i < 2000; i++) {
      const directory = `top-${i % 5}/mid-${i % 20}/leaf-${i % 100}`
      write(`${directory}/file-${i}`)
      uncovered.set(directory, hints.length)
      if (i % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
    }
    await until(() =>
      [...uncovered].every(([directory, at]) => hints.slice(at).some((hint) => covers(hint, directory))),
    )
    hints = []
    for (const directory of uncovered.keys()) write(`${directory}/later`)
    for (const directory of uncovered.keys()) await untilHinted(directory)
    expect(uncovered.size).toBe(100)
  })

  test('a renamed directory hints where it was and is, not all below, and reports under its new path from then on', async () => {
    write('old/sub/file')
    mkdirSync(join(root, 'into'))
    await watchRoot()
    for (const [from, to] of [
      ['old', 'new'],
      ['new', 'into/newer'],
    ] as const) {
      renameSync(join(root, from), join(root, to))
      await untilHinted(dirname(to) === '.' ? '' : dirname(to))
      expect(hints.filter(({ recursive }) => recursive)).toEqual([])
      await settle()
      write(`${to}/sub/file`, 'changed')
      await untilHinted(`${to}/sub`)
      expect(hints).toEqual([{ directory: `${to}/sub`, recursive: false }])
      hints = []
    }
    write('into/newer/other/file')
    await untilHinted('into/newer/other')
  })

  test('a directory that was renamed and then removed is not mistaken for one that takes its name', async () => {
    write('old/file')
    await watchRoot()
    renameSync(join(root, 'old'), join(root, 'new'))
    await untilHinted('')
    await settle()
    for (let round = 0; round < 5; round++) {
      rmSync(join(root, 'new'), { recursive: true })
      write('new/file')
    }
    await untilHinted('new')
    await settle()
    write('new/file', 'changed')
    await untilHinted('new')
    expect(hints).toEqual([{ directory: 'new', recursive: false }])
  })

  test('below a directory that was moved other rules may hold: what they let in is watched and hinted', async () => {
    write('old/kept/file')
    write('old/left/file')
    await watchRoot({ isIgnored: (path) => path === 'old/left' })
    renameSync(join(root, 'old'), join(root, 'new'))
    await untilHinted('new/left')
    await settle()
    write('new/left/file', 'changed')
    await untilHinted('new/left')
    expect(hints).toEqual([{ directory: 'new/left', recursive: false }])
  })

  test('a directory that takes the name of one that was renamed is another one', async () => {
    write('a/sub/file')
    write('b/sub/file')
    await watchRoot()
    renameSync(join(root, 'a'), join(root, 'c'))
    renameSync(join(root, 'b'), join(root, 'a'))
    renameSync(join(root, 'c'), join(root, 'b'))
    await untilHinted('a')
    await untilHinted('b')
    await settle()
    for (const directory of ['a/sub', 'b/sub']) {
      hints = []
      write(`${directory}/file`, 'changed')
      await untilHinted(directory)
      expect(hints).toEqual([{ directory, recursive: false }])
      await settle()
    }
  })

  test('a directory that was moved out reports nothing any more', async () => {
    write('dir/sub/file')
    await watchRoot()
    renameSync(join(root, 'dir'), join(base, 'outside'))
    await untilHinted('')
    await settle()
    writeFileSync(join(base, 'outside/sub/file'), 'changed')
    await settle()
    write('last')
    await untilHinted('')
    expect(hints.every(({ directory }) => directory === '')).toBe(true)
  })

  test('a directory that is removed and made again is watched again', async () => {
    write('dir/sub/file')
    await watchRoot()
    for (let round = 0; round < 3; round++) {
      rmSync(join(root, 'dir'), { recursive: true })
      write('dir/sub/file')
      await untilHinted('dir/sub')
      await settle()
      write('dir/sub/file', 'changed')
      await untilHinted('dir/sub')
      expect(hints).toEqual([{ directory: 'dir/sub', recursive: false }])
      await settle()
    }
  })

  test('what belongs to Causeway, and what is ignored, is not watched', async () => {
    write('.causeway/staging/file')
    write('node_modules/package/file')
    write('src/file')
    await watchRoot({ isIgnored: (directory) => directory.split('/').at(-1) === 'node_modules' })
    write('.causeway/staging/file', 'changed')
    write('node_modules/package/file', 'changed')
    write('src/node_modules/package/file')
    write('src/file', 'changed')
    await untilHinted('src')
    await settle()
    write('src/node_modules/package/file', 'changed')
    write('src/file', 'changed again')
    await untilHinted('src')
    expect(hints).toEqual([{ directory: 'src', recursive: false }])
  })

  test('a symlink to a directory is not followed', async () => {
    mkdirSync(join(base, 'outside'))
    await watchRoot()
    symlinkSync(join(base, 'outside'), join(root, 'link'))
    await settle()
    writeFileSync(join(base, 'outside/file'), 'x')
    write('last')
    await untilHinted('')
    expect(hints).toEqual([{ directory: '', recursive: false }])
  })

  test('a burst of events is answered by a recursive hint for the root', async () => {
    write('dir/file')
    await watchRoot({ burstEvents: 20 })
    for (let i = 0; i < 40; i++) write(`dir/new-${i}`)
    await until(() => hints.some(({ directory, recursive }) => directory === '' && recursive))
    expect(hints.at(-1)).toEqual({ directory: '', recursive: true })
  })

  test('hints do not wait for ever while changes go on', async () => {
    write('file')
    await watchRoot({ quietMs: 1000, maxWaitMs: 20 })
    let isOver = false
    const writing = (async () => {
      while (!isOver) {
        write('file', 'again')
        await new Promise((resolve) => setTimeout(resolve, 1))
      }
    })()
    await until(() => hints.length >= 3)
    isOver = true
    await writing
    expect(hints[0]).toEqual({ directory: '', recursive: false })
  })

  test('a root that goes away is a problem, is polled, and is watched again when it is back', async () => {
    const problems: (string | undefined)[] = []
    write('dir/file')
    await watchRoot({ pollMs: 10, onProblem: (problem) => problems.push(problem) })
    renameSync(root, join(base, 'away'))
    await until(() => problems.length === 1)
    expect(problems[0]).toMatch(/root .* is not there/)
    hints = []
    await until(() => hints.some(({ directory, recursive }) => directory === '' && recursive))
    renameSync(join(base, 'away'), root)
    await until(() => problems.length === 2)
    expect(problems[1]).toBeUndefined()
    await settle()
    write('dir/file', 'changed')
    await untilHinted('dir')
  })

  test('after it was stopped nothing is hinted', async () => {
    write('dir/file')
    await watchRoot()
    write('dir/file', 'changed')
    await watcher?.stop()
    hints = []
    write('dir/file', 'changed again')
    await new Promise((resolve) => setTimeout(resolve, 80))
    expect(hints).toEqual([])
  })
})

describe('a batch of hints', () => {
  const anyPath = fc.array(fc.constantFrom('a', 'b', 'ab'), { maxLength: 4 }).map((parts) => parts.join('/'))
  const anyHints = fc.array(fc.record({ directory: anyPath, recursive: fc.boolean() }))

  test('covers exactly what was put in, with no hint that another covers', () => {
    fc.assert(
      fc.property(anyHints, anyPath, (given, probe) => {
        const batch = createHintBatch()
        for (const { directory, recursive } of given) batch.add(directory, recursive)
        const taken = batch.take()
        expect(taken.some((hint) => covers(hint, probe))).toBe(given.some((hint) => covers(hint, probe)))
        for (const hint of taken) {
          expect(taken.filter((other) => covers(other, hint.directory))).toEqual([hint])
        }
        expect(batch.take()).toEqual([])
      }),
    )
  })
})
