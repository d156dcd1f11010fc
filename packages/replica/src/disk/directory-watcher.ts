import { readFileSync } from 'node:fs'
import { setImmediate as nextTurn } from 'node:timers/promises'
import type { RelativePath } from '../files.ts'
import type { Watcher, WatchHint } from '../watcher.ts'
import { createHintTimer, type HintTimer } from './hint-timer.ts'
import { MARKER_DIRECTORY } from './relative-path.ts'
import { WatchGaps } from './watch-gaps.ts'
import { joined, pathOf, type WatchNode } from './watch-node.ts'
import { WatchTree } from './watch-tree.ts'

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

/**
 * Watches a tree with one non-recursive `fs.watch` a directory. On Linux that
 * is one inotify watch each, and no child is missed in a new directory: it is
 * watched first, listed after, and hinted as a whole.
 *
 * `fs.watch` says nothing when the kernel's queue overflows; a burst that
 * large is answered by walking the tree anew and a recursive hint for the
 * root. A directory that is moved within the tree keeps its watches and those
 * of all below, as they belong to the directory and not to its name. Where no
 * watch is to be had (a limit, an error) the subtree is hinted at an interval,
 * and tried again now and then.
 */
export function createWatcher(options: WatcherOptions): Watcher {
  const watcher = new DirectoryWatcher(options)
  return { start: (onHint) => watcher.start(onHint), stop: () => watcher.stop() }
}

const TURN_MS = 8
const WALK_MOVED_MS = 1000
const MAX_POLLED = 64
const POLLS_BEFORE_RETRY = 15

class DirectoryWatcher {
  readonly #options: WatcherOptions
  readonly #burstEvents: number
  readonly #gaps: WatchGaps
  readonly #tree: WatchTree
  readonly #hints: HintTimer
  /** Walks through moved directories that are still to come. */
  readonly #walks = new Set<NodeJS.Timeout>()
  #notify: ((hint: WatchHint) => void) | undefined
  #poll: NodeJS.Timeout | undefined
  #polls = 0
  #events = 0
  #isWalkDue = false
  #walking: Promise<void> | undefined

  constructor(options: WatcherOptions) {
    const { root, quietMs = 5, maxWaitMs = 50, burstEvents = Math.max(1024, queuedEvents() / 2) } = options
    this.#options = options
    this.#burstEvents = burstEvents
    this.#gaps = new WatchGaps((problem) => options.onProblem?.(problem))
    this.#tree = new WatchTree({
      root,
      isIgnored: (directory) => options.isIgnored?.(directory) === true,
      gaps: this.#gaps,
      onEvent: (node, type, name) => this.#onEvent(node, type, name),
      onError: (node) => this.#onWatchError(node),
    })
    this.#hints = createHintTimer({ quietMs, maxWaitMs }, (hints) => {
      this.#events = 0
      for (const hint of hints) this.#notify?.(hint)
    })
  }

  async start(onHint: (hint: WatchHint) => void): Promise<void> {
    this.#notify = onHint
    await this.#resync()
    this.#poll = setInterval(() => this.#onPoll(), this.#options.pollMs ?? 2000)
    this.#poll.unref()
  }

  async stop(): Promise<void> {
    this.#notify = undefined
    this.#hints.stop()
    clearInterval(this.#poll)
    for (const walk of this.#walks) clearTimeout(walk)
    await this.#walking
    this.#tree.dropAll()
  }

  #hint(directory: RelativePath, recursive: boolean): void {
    if (this.#notify !== undefined) this.#hints.add(directory, recursive)
  }

  /** Makes the watches fit the tree as it is now. */
  #resync(): Promise<void> {
    this.#walking ??= this.#walkAnew().finally(() => {
      this.#walking = undefined
    })
    return this.#walking
  }

  async #walkAnew(): Promise<void> {
    this.#gaps.clear()
    const root = this.#tree.watchRoot()
    if (root === undefined) this.#gaps.report()
    else await this.#walkBelow(root, () => undefined)
  }

  async #walkBelow(top: WatchNode, onNew: (node: WatchNode) => void): Promise<void> {
    const queue = [top]
    let turnEnds = performance.now() + TURN_MS
    for (let node = queue.pop(); node !== undefined; node = queue.pop()) {
      if (this.#notify === undefined) return
      const before = new Set(node.children.values())
      const children = this.#tree.watchChildren(node)
      for (const child of children) if (!before.has(child)) onNew(child)
      queue.push(...children)
      if (performance.now() < turnEnds) continue
      await nextTurn()
      turnEnds = performance.now() + TURN_MS
    }
    this.#gaps.report()
  }

  /** At its new place other rules may hold for what lies below a directory: looked at once there is time. */
  #walkMovedLater(node: WatchNode): void {
    const walk = setTimeout(() => {
      this.#walks.delete(walk)
      void this.#walkMoved(node)
    }, WALK_MOVED_MS)
    this.#walks.add(walk)
    walk.unref()
  }

  async #walkMoved(node: WatchNode): Promise<void> {
    while (this.#walking !== undefined) await this.#walking
    if (this.#notify === undefined || node.watcher === undefined) return
    this.#walking = this.#walkBelow(node, (found) => this.#hint(pathOf(found), true)).finally(() => {
      this.#walking = undefined
    })
    await this.#walking
  }

  #onEvent(node: WatchNode, type: string, name: string | undefined): void {
    if (this.#notify === undefined || node.watcher === undefined) return
    const directory = pathOf(node)
    if (directory === '' && name === MARKER_DIRECTORY) return
    this.#events += 1
    if (this.#events === this.#burstEvents) void this.#onLostEvents()
    if (name === undefined) this.#hint(directory, true)
    else {
      const path = joined(directory, name)
      this.#options.onNotice?.(path)
      this.#hint(directory, false)
      if (type !== 'rename' && !this.#gaps.denied.has(path)) return
      this.#onNameChanged(node, name)
      if (name === node.watchedAs) this.#onOwnEvent(node)
    }
  }

  /** A directory was moved, or is gone: its inode number may be in use again. */
  #onOwnEvent(node: WatchNode): void {
    if (node.parent === undefined || this.#tree.isAdrift(node)) return
    if (node.ownMoves > 0) node.ownMoves -= 1
    else this.#renew(node.parent, node.name)
  }

  /** Watches a directory anew, whatever it was. */
  #renew(parent: WatchNode, name: string): void {
    const known = parent.children.get(name)
    if (known !== undefined) this.#tree.drop(known)
    parent.children.delete(name)
    this.#onNameChanged(parent, name)
  }

  /** A name came, went, or now stands for something else. */
  #onNameChanged(parent: WatchNode, name: string): void {
    if (this.#walking !== undefined) {
      // The walk under way may have passed here already: let a later one see to it.
      void this.#walking.then(() => this.#notify !== undefined && this.#onNameChanged(parent, name))
      return
    }
    const path = joined(pathOf(parent), name)
    const known = parent.children.get(name)
    const identity = this.#tree.isExcluded(path) ? undefined : this.#tree.identityAt(path)
    if (known !== undefined && known.identity === identity) return
    this.#gaps.denied.delete(path)
    if (known !== undefined) this.#tree.setAdrift(known)
    if (parent.parent === undefined && this.#tree.isRootReplaced) void this.#onLostEvents()
    if (identity === undefined || parent.watcher === undefined) return
    const moved = this.#tree.takeIn(identity, parent, name)
    if (moved !== undefined) this.#walkMovedLater(moved)
    const isThere = moved !== undefined || this.#tree.watchNew(parent, name) !== undefined
    if (isThere) this.#hint(path, moved === undefined)
  }

  /** Walks the tree anew, though a walk may be under way: that one may have passed what was missed. */
  async #onLostEvents(): Promise<void> {
    if (this.#isWalkDue) return
    this.#isWalkDue = true
    await this.#walking
    this.#isWalkDue = false
    await this.#resync()
    this.#hint('', true)
  }

  #onWatchError(node: WatchNode): void {
    if (node.watcher === undefined) return
    node.watcher.close()
    node.watcher = undefined
    const path = pathOf(node)
    this.#gaps.failed(path, this.#options.root)
    this.#gaps.report()
    this.#hint(path, true)
  }

  #onPoll(): void {
    const { unwatched } = this.#gaps
    if (unwatched.size === 0) return
    this.#polls += 1
    if (this.#tree.root === undefined || this.#polls % POLLS_BEFORE_RETRY === 0) {
      this.#gaps.forgetProblem()
      void this.#resync().then(() => this.#hint('', true))
      return
    }
    if (unwatched.size > MAX_POLLED) this.#hint('', true)
    else for (const path of unwatched) this.#hint(path, true)
  }
}

/** How many events the kernel queues for one who does not read them. */
function queuedEvents(): number {
  try {
    return Number(readFileSync('/proc/sys/fs/inotify/max_queued_events', 'utf8')) || 16_384
  } catch {
    return 16_384
  }
}
