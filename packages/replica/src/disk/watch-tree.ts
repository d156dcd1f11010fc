import { watch } from 'node:fs'
import { basename } from 'node:path'
import type { RelativePath } from '../files.ts'
import { MARKER_DIRECTORY } from './relative-path.ts'
import type { WatchGaps } from './watch-gaps.ts'
import { absolute, directoriesIn, identityAt, isCertain, joined, pathOf, type WatchNode } from './watch-node.ts'

export interface WatchTreeOptions {
  readonly root: string
  readonly isIgnored: (directory: RelativePath) => boolean
  readonly gaps: WatchGaps
  onEvent(node: WatchNode, type: string, name: string | undefined): void
  onError(node: WatchNode): void
}

/** The two events of a rename may be read apart, and the second a while later where the machine is busy. */
const ADRIFT_MS = 200

/** The directories of a tree, each with its watch. */
export class WatchTree {
  readonly #options: WatchTreeOptions
  readonly #watched = new Map<string, WatchNode>()
  /** Directories that have left their place and may turn up in another one in a moment, by identity. */
  readonly #adrift = new Map<string, WatchNode>()
  #adriftTimer: NodeJS.Timeout | undefined
  #root: WatchNode | undefined

  constructor(options: WatchTreeOptions) {
    this.#options = options
  }

  get root(): WatchNode | undefined {
    return this.#root
  }

  /** True if another directory is there by now. */
  get isRootReplaced(): boolean {
    return this.#root !== undefined && this.identityAt('') !== this.#root.identity
  }

  /** `undefined` if there is none. */
  watchRoot(): WatchNode | undefined {
    this.dropAdrift()
    this.#root = this.#watchDirectory('', undefined, this.#root)
    return this.#root
  }

  dropAll(): void {
    this.dropAdrift()
    if (this.#root !== undefined) this.drop(this.#root)
    this.#root = undefined
  }

  /** Watches a new directory and all below it, in one go: it must be complete before it is hinted. */
  watchNew(parent: WatchNode, name: string): WatchNode | undefined {
    const node = this.#watchDirectory(joined(pathOf(parent), name), parent, undefined)
    const queue = node === undefined ? [] : [node]
    for (let next = queue.pop(); next !== undefined; next = queue.pop()) queue.push(...this.watchChildren(next))
    this.#options.gaps.report()
    if (node !== undefined) parent.children.set(name, node)
    return node
  }

  /** Makes the watches fit what is in a directory now. */
  watchChildren(node: WatchNode): readonly WatchNode[] {
    const directory = pathOf(node)
    const names = new Set(directoriesIn(this.#options.root, directory))
    for (const name of node.children.keys()) if (!names.has(name)) this.#forget(node, name)
    const children: WatchNode[] = []
    for (const name of names) {
      const path = joined(directory, name)
      if (this.isExcluded(path)) {
        this.#forget(node, name)
        continue
      }
      const child = this.#watchDirectory(path, node, node.children.get(name))
      if (child === undefined) node.children.delete(name)
      else {
        node.children.set(name, child)
        children.push(child)
      }
    }
    return children
  }

  #forget(parent: WatchNode, name: string): void {
    const child = parent.children.get(name)
    if (child !== undefined) this.drop(child)
    parent.children.delete(name)
  }

  /** The node for a directory, watched if that can be had; `known` if it still stands for the same directory. */
  #watchDirectory(
    path: RelativePath,
    parent: WatchNode | undefined,
    known: WatchNode | undefined,
  ): WatchNode | undefined {
    const { root, gaps, onEvent, onError } = this.#options
    const identity = this.identityAt(path)
    if (known !== undefined) {
      if (known.identity === identity && known.watcher !== undefined) return known
      this.drop(known)
    }
    if (identity === undefined) {
      if (path === '') gaps.rootIsGone(root)
      return undefined
    }
    const name = basename(path)
    const watches = { children: new Map(), watcher: undefined, watchedAs: name, ownMoves: 0 }
    const node: WatchNode = { name, parent, identity, ...watches }
    try {
      const watcher = watch(absolute(root, path), { persistent: true })
      watcher.on('change', (type, changed) => onEvent(node, type, changed === null ? undefined : String(changed)))
      watcher.on('error', () => onError(node))
      node.watcher = watcher
      this.#watched.set(identity, node)
    } catch (error) {
      gaps.refused(path, error)
    }
    return node
  }

  /** A directory left its place. Until the events of this moment are through it may turn up elsewhere. */
  setAdrift(node: WatchNode): void {
    node.parent?.children.delete(node.name)
    // What could not be watched is known by its path.
    if (isCertain(node.identity) && node.watcher !== undefined && this.#options.gaps.areNone) {
      this.#adrift.set(node.identity, node)
      this.#adriftTimer ??= setTimeout(() => this.dropAdrift(), ADRIFT_MS)
    } else this.drop(node)
  }

  isAdrift(node: WatchNode): boolean {
    return this.#adrift.get(node.identity) === node
  }

  /** Gives a directory that left its place the one where it turned up; `undefined` if none did. */
  takeIn(identity: string, parent: WatchNode, name: string): WatchNode | undefined {
    const node = this.#adrift.get(identity) ?? this.#goneFromItsPlace(identity)
    if (node === undefined) return undefined
    this.#adrift.delete(identity)
    node.parent = parent
    node.name = name
    node.ownMoves += 1
    parent.children.set(name, node)
    return node
  }

  /** A directory that was seen in its new place before it was missed in its old one. */
  #goneFromItsPlace(identity: string): WatchNode | undefined {
    const node = this.#watched.get(identity)
    if (node?.parent === undefined || this.identityAt(pathOf(node)) === identity) return undefined
    this.setAdrift(node)
    return this.#adrift.get(identity)
  }

  dropAdrift(): void {
    clearTimeout(this.#adriftTimer)
    this.#adriftTimer = undefined
    for (const node of this.#adrift.values()) this.drop(node)
    this.#adrift.clear()
  }

  drop(node: WatchNode): void {
    const { unwatched } = this.#options.gaps
    node.watcher?.close()
    node.watcher = undefined
    if (this.#watched.get(node.identity) === node) this.#watched.delete(node.identity)
    if (unwatched.size > 0) unwatched.delete(pathOf(node))
    for (const child of node.children.values()) this.drop(child)
    node.children.clear()
  }

  isExcluded(path: RelativePath): boolean {
    return path === MARKER_DIRECTORY || this.#options.isIgnored(path)
  }

  identityAt(path: RelativePath): string | undefined {
    return identityAt(this.#options.root, path)
  }
}
