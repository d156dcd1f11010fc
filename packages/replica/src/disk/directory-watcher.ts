import { lstatSync, readdirSync, readFileSync, statSync, watch, type FSWatcher } from 'node:fs'
import { basename } from 'node:path'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RelativePath } from '../files.ts'
import type { Watcher, WatchHint } from '../watcher.ts'
import { errnoOf, isAbsence } from './disk-error.ts'
import { createHintBatch } from './hint-batch.ts'
import { MARKER_DIRECTORY } from './relative-path.ts'

export interface WatcherOptions {
  readonly root: string
  /**
   * True for a directory that need not be watched, nor anything below it. To
   * take up changed ignore rules, stop the watcher and start another.
   */
  readonly isIgnored?: (directory: RelativePath) => boolean
  /** Told when changes can no longer be seen at once, in a sentence; and `undefined` when they can again. */
  readonly onProblem?: (problem: string | undefined) => void
  /** Told at once of every name of which the system says something: that of a file that is saved, among others. */
  readonly onNotice?: (path: RelativePath) => void
  /** Hints wait for this long a pause in the events, default 5. */
  readonly quietMs?: number
  /** And for no longer than this, default 50. */
  readonly maxWaitMs?: number
  /** How often directories that can't be watched are hinted instead, default 2000. */
  readonly pollMs?: number
  /** So many events at once may mean that more were lost. Default: half of what the kernel queues. */
  readonly burstEvents?: number
}

interface Node {
  name: string
  parent: Node | undefined
  /** Tells the directory from another that takes its name later. */
  readonly identity: string
  readonly children: Map<string, Node>
  /** Undefined where the system gave no watch. */
  watcher: FSWatcher | undefined
  /** The name it had when its watch began: the watch tells of its own end, and of its moves, under that name. */
  readonly watchedAs: string
  /** Moves that were followed and whose own event is still to come. */
  ownMoves: number
}

/**
 * Watches a tree with one non-recursive `fs.watch` a directory. On Linux that
 * is one inotify watch each, and no child is missed in a new directory: it is
 * watched first, listed after, and hinted as a whole.
 *
 * `fs.watch` says nothing when the kernel's queue overflows; a burst that
 * large is answered by walking the tree anew and a recursive hint for the
 * root. A directory that is moved within the tree keeps its watches and those
 * of all below, as they belong to the directory and not to its name. Where no watch is to be had (a limit, an error) the subtree is hinted
 * at an interval, and tried again now and then.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const quietMs = options.quietMs ?? 5
  const maxWaitMs = options.maxWaitMs ?? 50
  const pollMs = options.pollMs ?? 2000
  const burstEvents = options.burstEvents ?? Math.max(1024, queuedEvents() / 2)
  const batch = createHintBatch()
  const unwatched = new Set<RelativePath>()
  const denied = new Set<RelativePath>()
  let root: Node | undefined
  let notify: ((hint: WatchHint) => void) | undefined
  let timer: NodeJS.Timeout | undefined
  let poll: NodeJS.Timeout | undefined
  let polls = 0
  let events = 0
  let firstEventMs = 0
  let lastEventMs = 0
  let problem: string | undefined
  let walkIsDue = false
  let reported: string | undefined
  let resyncing: Promise<void> | undefined
  /** Directories that have left their place and may turn up in another one in a moment, by identity. */
  const adrift = new Map<string, Node>()
  const watched = new Map<string, Node>()
  let adriftTimer: NodeJS.Timeout | undefined
  const walks = new Set<NodeJS.Timeout>()

  async function start(onHint: (hint: WatchHint) => void): Promise<void> {
    notify = onHint
    await resync()
    poll = setInterval(onPoll, pollMs)
    poll.unref()
  }

  async function stop(): Promise<void> {
    notify = undefined
    clearTimeout(timer)
    clearInterval(poll)
    timer = undefined
    for (const walk of walks) clearTimeout(walk)
    await resyncing
    dropAdrift()
    if (root !== undefined) drop(root)
    root = undefined
  }

  /** Makes the watches fit the tree as it is now. */
  function resync(): Promise<void> {
    resyncing ??= walkAnew().finally(() => {
      resyncing = undefined
    })
    return resyncing
  }

  async function walkAnew(): Promise<void> {
    unwatched.clear()
    denied.clear()
    dropAdrift()
    root = watchDirectory('', undefined, root)
    if (root === undefined) report()
    else await walkBelow(root, () => undefined)
  }

  async function walkBelow(top: Node, onNew: (node: Node) => void): Promise<void> {
    const queue = [top]
    let turnEnds = performance.now() + TURN_MS
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      if (notify === undefined) return
      const before = new Set(node.children.values())
      const children = watchChildren(node)
      for (const child of children) if (!before.has(child)) onNew(child)
      queue.push(...children)
      if (performance.now() < turnEnds) continue
      await nextTurn()
      turnEnds = performance.now() + TURN_MS
    }
    report()
  }

  /** At its new place other rules may hold for what lies below a directory: looked at once there is time. */
  function walkMovedLater(node: Node): void {
    const walk = setTimeout(() => void walkMoved(), WALK_MOVED_MS)
    walks.add(walk)
    walk.unref()
    async function walkMoved(): Promise<void> {
      walks.delete(walk)
      while (resyncing !== undefined) await resyncing
      if (notify === undefined || node.watcher === undefined) return
      resyncing = walkBelow(node, (found) => hint(pathOf(found), true)).finally(() => {
        resyncing = undefined
      })
      await resyncing
    }
  }

  /** Watches a new directory and all below it, in one go: it must be complete before it is hinted. */
  function watchTree(path: RelativePath, parent: Node): Node | undefined {
    const node = watchDirectory(path, parent, undefined)
    const queue = node === undefined ? [] : [node]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) queue.push(...watchChildren(next))
    report()
    return node
  }

  function watchChildren(node: Node): readonly Node[] {
    const directory = pathOf(node)
    const names = new Set(directoriesIn(absolute(directory)))
    for (const [name, child] of node.children) {
      if (names.has(name)) continue
      drop(child)
      node.children.delete(name)
    }
    const children: Node[] = []
    for (const name of names) {
      const path = join(directory, name)
      if (isExcluded(path)) {
        const excluded = node.children.get(name)
        if (excluded !== undefined) drop(excluded)
        node.children.delete(name)
        continue
      }
      const child = watchDirectory(path, node, node.children.get(name))
      if (child === undefined) node.children.delete(name)
      else {
        node.children.set(name, child)
        children.push(child)
      }
    }
    return children
  }

  /** The node for a directory, watched if that can be had; `known` if it still stands for the same directory. */
  function watchDirectory(path: RelativePath, parent: Node | undefined, known: Node | undefined): Node | undefined {
    const identity = identityAt(path)
    if (known !== undefined) {
      if (known.identity === identity && known.watcher !== undefined) return known
      drop(known)
    }
    if (identity === undefined) {
      if (path === '') {
        unwatched.add('')
        problem = `the root ${options.root} is not there`
      }
      return undefined
    }
    const name = basename(path)
    const node: Node = {
      name,
      parent,
      identity,
      children: new Map(),
      watcher: undefined,
      watchedAs: name,
      ownMoves: 0,
    }
    try {
      const watcher = watch(absolute(path), { persistent: true })
      watcher.on('change', (type, name) => onEvent(node, type, name === null ? undefined : String(name)))
      watcher.on('error', () => onWatchError(node))
      node.watcher = watcher
      watched.set(identity, node)
    } catch (error) {
      onRefused(path, error)
    }
    return node
  }

  function onRefused(path: RelativePath, error: unknown): void {
    if (isAbsence(error)) return
    const errno = errnoOf(error)
    if (errno === 'EACCES' || errno === 'EPERM') {
      // Not to be read at all, which the scan will say. Its parent tells when its mode changes.
      denied.add(path)
      return
    }
    unwatched.add(path)
    problem ??= LIMITS[errno ?? ''] ?? `the system refuses to watch directories (${errno ?? String(error)})`
  }

  function onEvent(node: Node, type: string, name: string | undefined): void {
    if (notify === undefined || node.watcher === undefined) return
    const directory = pathOf(node)
    if (directory === '' && name === MARKER_DIRECTORY) return
    events += 1
    if (events === burstEvents) void onLostEvents()
    if (name === undefined) hint(directory, true)
    else {
      options.onNotice?.(join(directory, name))
      hint(directory, false)
      if (type !== 'rename' && !denied.has(join(directory, name))) return
      onNameChanged(node, name)
      if (name === node.watchedAs) onOwnEvent(node)
    }
  }

  /** A directory was moved, or is gone: its inode number may be in use again. */
  function onOwnEvent(node: Node): void {
    if (node.parent === undefined || adrift.get(node.identity) === node) return
    if (node.ownMoves > 0) node.ownMoves -= 1
    else renew(node.parent, node.name)
  }

  /** Watches a directory anew, whatever it was. */
  function renew(parent: Node, name: string): void {
    const known = parent.children.get(name)
    if (known !== undefined) drop(known)
    parent.children.delete(name)
    onNameChanged(parent, name)
  }

  /** A name came, went, or now stands for something else. */
  function onNameChanged(parent: Node, name: string): void {
    if (resyncing !== undefined) {
      // The walk under way may have passed here already: let a later one see to it.
      void resyncing.then(() => notify !== undefined && onNameChanged(parent, name))
      return
    }
    const path = join(pathOf(parent), name)
    const known = parent.children.get(name)
    const identity = isExcluded(path) ? undefined : identityAt(path)
    if (known !== undefined && known.identity === identity) return
    denied.delete(path)
    if (known !== undefined) {
      parent.children.delete(name)
      setAdrift(known)
    }
    if (parent.parent === undefined && root !== undefined && identityAt('') !== root.identity) void onLostEvents()
    if (identity === undefined || parent.watcher === undefined) return
    if (takeIn(identity, parent, name)) {
      hint(path, false)
      return
    }
    const node = watchTree(path, parent)
    if (node === undefined) return
    parent.children.set(name, node)
    hint(path, true)
  }

  /** A directory left its place. Until the events of this moment are through it may turn up elsewhere. */
  function setAdrift(node: Node): void {
    const isCertain = !node.identity.endsWith(' 0')
    // What could not be watched is known by its path.
    if (isCertain && node.watcher !== undefined && unwatched.size + denied.size === 0) {
      adrift.set(node.identity, node)
      adriftTimer ??= setTimeout(dropAdrift, ADRIFT_MS)
    } else drop(node)
  }

  function takeIn(identity: string, parent: Node, name: string): boolean {
    const node = adrift.get(identity) ?? goneFromItsPlace(identity)
    if (node === undefined) return false
    adrift.delete(identity)
    node.parent = parent
    node.name = name
    node.ownMoves += 1
    parent.children.set(name, node)
    walkMovedLater(node)
    return true
  }

  /** A directory that was seen in its new place before it was missed in its old one. */
  function goneFromItsPlace(identity: string): Node | undefined {
    const node = watched.get(identity)
    if (node?.parent === undefined || identityAt(pathOf(node)) === identity) return undefined
    node.parent.children.delete(node.name)
    setAdrift(node)
    return adrift.get(identity)
  }

  function dropAdrift(): void {
    clearTimeout(adriftTimer)
    adriftTimer = undefined
    for (const node of adrift.values()) drop(node)
    adrift.clear()
  }

  /** Walks the tree anew, though a walk may be under way: that one may have passed what was missed. */
  async function onLostEvents(): Promise<void> {
    if (walkIsDue) return
    walkIsDue = true
    await resyncing
    walkIsDue = false
    await resync()
    hint('', true)
  }

  function onWatchError(node: Node): void {
    if (node.watcher === undefined) return
    node.watcher.close()
    node.watcher = undefined
    const path = pathOf(node)
    unwatched.add(path)
    problem ??= `a watch on ${path === '' ? options.root : path} failed`
    report()
    hint(path, true)
  }

  function onPoll(): void {
    if (unwatched.size === 0) return
    polls += 1
    if (root === undefined || polls % POLLS_BEFORE_RETRY === 0) {
      problem = undefined
      void resync().then(() => hint('', true))
      return
    }
    if (unwatched.size > MAX_POLLED) hint('', true)
    else for (const path of unwatched) hint(path, true)
  }

  function report(): void {
    if (unwatched.size === 0) problem = undefined
    if (problem === reported) return
    reported = problem
    options.onProblem?.(problem)
  }

  function hint(directory: RelativePath, recursive: boolean): void {
    if (notify === undefined) return
    batch.add(directory, recursive)
    lastEventMs = performance.now()
    if (timer !== undefined) return
    firstEventMs = lastEventMs
    timer = setTimeout(flush, Math.min(quietMs, maxWaitMs))
  }

  function flush(): void {
    const nowMs = performance.now()
    const quietAtMs = lastEventMs + quietMs
    const latestMs = firstEventMs + maxWaitMs
    if (nowMs < quietAtMs && nowMs < latestMs) {
      timer = setTimeout(flush, Math.max(1, Math.min(quietAtMs, latestMs) - nowMs))
      return
    }
    timer = undefined
    events = 0
    const hints = batch.take()
    for (const one of hints) notify?.(one)
  }

  function drop(node: Node): void {
    node.watcher?.close()
    node.watcher = undefined
    if (watched.get(node.identity) === node) watched.delete(node.identity)
    if (unwatched.size > 0) unwatched.delete(pathOf(node))
    for (const child of node.children.values()) drop(child)
    node.children.clear()
  }

  function isExcluded(path: RelativePath): boolean {
    return path === MARKER_DIRECTORY || options.isIgnored?.(path) === true
  }

  function identityAt(path: RelativePath): string | undefined {
    return directoryIdentity(absolute(path), path === '' ? statSync : lstatSync)
  }

  function absolute(path: RelativePath): string {
    return path === '' ? options.root : `${options.root}/${path}`
  }

  return { start, stop }
}

const TURN_MS = 8
const WALK_MOVED_MS = 1000
/** The two events of a rename may be read apart, and the second a while later where the machine is busy. */
const ADRIFT_MS = 200
const MAX_POLLED = 64
const POLLS_BEFORE_RETRY = 15

const LIMITS: Readonly<Record<string, string>> = {
  ENOSPC: 'the limit of watched directories is reached (fs.inotify.max_user_watches): changes are found by scanning',
  EMFILE:
    'the limit of watchers or open files is reached (fs.inotify.max_user_instances): changes are found by scanning',
}

function pathOf(node: Node): RelativePath {
  if (node.parent === undefined) return ''
  let path = node.name
  for (let at = node.parent; at.parent !== undefined; at = at.parent) path = `${at.name}/${path}`
  return path
}

function join(directory: RelativePath, name: string): RelativePath {
  return directory === '' ? name : `${directory}/${name}`
}

/** By `lstat`, but for the root, which may be given through a symlink. */
function directoryIdentity(path: string, look: typeof lstatSync): string | undefined {
  try {
    const stats = look(path, { bigint: true, throwIfNoEntry: false })
    return stats?.isDirectory() === true ? `${stats.dev} ${stats.ino} ${stats.birthtimeNs}` : undefined
  } catch {
    return undefined
  }
}

function directoriesIn(path: string): readonly string[] {
  try {
    return readdirSync(path, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .map((entry) => entry.name)
  } catch {
    return []
  }
}

function queuedEvents(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 16_384
  } catch {
    return 16_384
  }
}
