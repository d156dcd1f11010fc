import {
  appendFileSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { checkedDirectories } from './directories.ts'
import type { DiskContext } from './disk-context.ts'
import { openDisplaced, type Displaced } from './displaced.ts'
import { toStat } from './disk-stat.ts'
import { displacedName, parseDisplacedName } from './displaced-name.ts'
import { NO_NATIVE_CALLS } from './native.ts'
import { identifyRoot } from './root-marker.ts'
import { root, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

/** What the kernel would say of writers. */
let isOpen: boolean | undefined

function opened(doubtedMs?: number): Displaced {
  const identity = identifyRoot(root)
  const context: DiskContext = {
    root: identity,
    directories: checkedDirectories(identity),
    native: NO_NATIVE_CALLS,
    writers: { isOpen: () => isOpen },
    breathe: () => undefined,
  }
  return openDisplaced(context, { nodeName: 'birch', ...(doubtedMs !== undefined && { doubtedMs }) })
}

/** Takes a file out of the tree as a removal does, and gives a handle that was open before. */
function displace(displaced: Displaced, path: string, text = 'old'): number {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
  const fd = openSync(join(root, path), 'a')
  const stat = toStat(lstatSync(join(root, path), { bigint: true }))
  const [directory, name] = [join(root, path, '..'), path.slice(path.lastIndexOf('/') + 1)]
  const aside = displaced.nameFor({ fd: -1, prefix: directory }, name, stat)
  renameSync(join(root, path), join(displaced.spot.prefix, aside))
  displaced.took(aside, stat.size, path)
  return fd
}

const kept = (): string[] => readdirSync(join(root, '.causeway/displaced'))

describe('a file that was displaced', () => {
  test('is kept while it has a writer, and comes back if that wrote to it', async () => {
    const displaced = opened()
    const fd = displace(displaced, 'dir/log.txt')
    isOpen = true
    writeSync(fd, ' and late')
    expect(await displaced.returnLateSaves()).toEqual([])
    expect(kept()).toHaveLength(1)
    closeSync(fd)
    isOpen = false
    expect(await displaced.returnLateSaves()).toEqual(['dir/log.txt'])
    expect(readFileSync(join(root, 'dir/log.txt'), 'utf8')).toBe('old and late')
    expect(kept()).toEqual([])
    displaced.stop()
  })

  test('comes back beside what has its name by now, as a conflict copy of this node', async () => {
    const displaced = opened()
    isOpen = false
    const fd = displace(displaced, 'log.txt', 'x'.repeat(100_000))
    isOpen = true
    const late = displace(displaced, 'film.mkv', 'x'.repeat(100_000))
    writeFileSync(join(root, 'film.mkv'), 'newer')
    writeSync(late, ' and late')
    for (const handle of [fd, late]) closeSync(handle)
    isOpen = false
    expect(await displaced.returnLateSaves()).toEqual([expect.stringMatching(/^film \(conflict, birch, .*\)\.mkv$/)])
    expect(readFileSync(join(root, 'film.mkv'), 'utf8')).toBe('newer')
    displaced.stop()
  })

  test('goes once nobody has it open, if nobody wrote to it', async () => {
    const displaced = opened()
    isOpen = true
    closeSync(displace(displaced, 'log', 'x'.repeat(100_000)))
    expect(kept()).toHaveLength(1)
    isOpen = false
    expect(await displaced.returnLateSaves()).toEqual([])
    expect(kept()).toEqual([])
    displaced.stop()
  })

  test('is kept for a while where nobody can say whether it has a writer', async () => {
    isOpen = undefined
    const displaced = opened(60_000)
    const fd = displace(displaced, 'log')
    closeSync(displace(displaced, 'other'))
    await displaced.returnLateSaves()
    expect(kept()).toHaveLength(2)
    writeSync(fd, ' and late')
    closeSync(fd)
    expect(await displaced.returnLateSaves()).toEqual(['log'])
    displaced.stop()
    const impatient = opened(0)
    expect(await impatient.returnLateSaves()).toEqual([])
    expect(kept()).toEqual([])
    impatient.stop()
  })

  test('comes back in a later run, into its directory or, if that is gone, into the root', async () => {
    isOpen = true
    const displaced = opened()
    const handles = [displace(displaced, 'moves/log'), displace(displaced, 'goes/note')]
    for (const fd of handles) writeSync(fd, ' and late')
    for (const fd of handles) closeSync(fd)
    displaced.stop()
    mkdirSync(join(root, 'deep'))
    renameSync(join(root, 'moves'), join(root, 'deep/moved'))
    // The inode must not be used again at once.
    mkdirSync(join(root, 'kept'))
    rmSync(join(root, 'goes'), { recursive: true })
    isOpen = false
    const next = opened()
    expect((await next.returnLateSaves()).toSorted()).toEqual(['deep/moved/log', 'note'])
    next.stop()
  })

  test('that turns out to be the new version, not placed yet, is no late save; nor is one that has another name', async () => {
    isOpen = false
    const displaced = opened()
    writeFileSync(join(root, 'file'), 'old')
    const was = toStat(lstatSync(join(root, 'file'), { bigint: true }))
    const number = { file: was, directory: 1n, name: 'file' }
    writeFileSync(join(displaced.spot.prefix, displacedName('a1', number)), 'new version')
    appendFileSync(join(root, 'file'), ' edited')
    expect(await displaced.returnLateSaves()).toEqual([])
    expect(kept()).toEqual([])
    expect(readdirSync(root).toSorted()).toEqual(['.causeway', 'file'])
    displaced.stop()
  })

  test('makes room at once where it must', () => {
    isOpen = false
    const displaced = opened()
    for (const name of ['a', 'b']) closeSync(displace(displaced, name))
    expect(kept()).toHaveLength(2)
    expect(displaced.makeRoom()).toBe(true)
    expect(kept()).toEqual([])
    expect(displaced.makeRoom()).toBe(false)
    displaced.stop()
  })

  test('goes by itself soon after', async () => {
    isOpen = false
    const displaced = opened()
    for (let number = 0; number < 40; number++) closeSync(displace(displaced, `${number}`))
    await expect.poll(kept, { timeout: 10_000 }).toEqual([])
    displaced.stop()
  })
})

test.each(['note', 'a_b_c', 'Ünïcode 👩‍🚀.txt', `${'ü'.repeat(127)}x`, '👩‍🚀'.repeat(20)])(
  'the name %j is found again in that of its displaced file, or its end is',
  (name) => {
    const file = toStat(lstatSync(root, { bigint: true }))
    const displaced = displacedName('abc1', { file: { ...file, mtimeNs: -5n }, directory: 77n, name })
    expect(Buffer.byteLength(displaced)).toBeLessThanOrEqual(255)
    const parsed = parseDisplacedName(displaced)
    expect(parsed).toMatchObject({ inode: file.inode, size: file.size, mtimeNs: -5n, directory: 77n })
    expect(name.endsWith(parsed?.name ?? '?')).toBe(true)
  },
)
