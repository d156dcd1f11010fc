import {
  basePath,
  checkName,
  directoryOf,
  isSame,
  joinPath,
  sameBytes,
  sameContent,
  type BaseEntry,
  type BaseView,
  type Stat,
} from '@causeway/engine'
import { isSyncError, ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import { asAside, asidePath } from './aside.ts'
import { ASIDE_ID, BaseOverlay } from './base-overlay.ts'
import type { Files, RelativePath, ReplaceResult, StagedFile } from './files.ts'

export interface ApplyRequest {
  readonly files: Files
  readonly base: BaseView
  /** What the coordinator holds and the disk does not; the order does not matter. */
  readonly states: readonly EntryState[]
  /** The new bytes of files, verified and durable. */
  readonly staged: ReadonlyMap<EntryId, StagedFile>
  readonly signal: AbortSignal
}

/** What really happened to one state. */
export type ApplyOutcome =
  | { readonly kind: 'applied'; readonly state: EntryState }
  /** The disk is not as the base says: it must be scanned first. Nothing was lost. */
  | { readonly kind: 'changed'; readonly state: EntryState; readonly path: RelativePath; readonly detail: string }
  /** It can't be done now, and why. */
  | {
      readonly kind: 'problem'
      readonly state: EntryState
      readonly path: RelativePath
      readonly code: string
      readonly message: string
    }
  /** Another program has the file, or one below the directory, open for writing: what it saves next must not be lost. */
  | { readonly kind: 'in-use'; readonly state: EntryState; readonly path: RelativePath; readonly detail: string }
  /** The file's bytes, or the directory it belongs in, are not here yet. */
  | { readonly kind: 'waiting'; readonly state: EntryState; readonly path: RelativePath }

export interface ApplyResult {
  readonly outcomes: readonly ApplyOutcome[]
  /** The base after this, durable on disk; `null` for entries that are gone. */
  readonly base: ReadonlyMap<EntryId, BaseEntry | null>
}

/**
 * Makes the disk like the given states, one atomic step an entry. Each path is
 * checked to be as the base says before it is touched; whatever else is found
 * there stays. When this resolves, what it reports is durable.
 */
export async function apply(request: ApplyRequest): Promise<ApplyResult> {
  const applying = new Applying(request)
  for (const state of request.states) {
    request.signal.throwIfAborted()
    await applying.perform(state)
  }
  await applying.performWaiting()
  await applying.finish()
  return { outcomes: applying.outcomes, base: applying.overlay.changes() }
}

type Step = { readonly kind: 'done'; readonly base: BaseEntry | null } | Exclude<ApplyOutcome, { kind: 'applied' }>

class Applying {
  readonly outcomes: ApplyOutcome[] = []
  readonly overlay: BaseOverlay
  readonly #files: Files
  readonly #staged: ReadonlyMap<EntryId, StagedFile>
  readonly #states: ReadonlyMap<EntryId, EntryState>
  readonly #begun = new Set<EntryId>()
  readonly #again = new Set<EntryId>()
  /** What stepped aside until others stand, as it was before. */
  readonly #aside = new Map<EntryId, BaseEntry>()
  readonly #directories = new Set<RelativePath>()
  /** Directories made writable until their children are placed. */
  readonly #modes: { id: EntryId; mode: number }[] = []

  constructor({ files, base, states, staged }: ApplyRequest) {
    this.#files = files
    this.#staged = staged
    this.#states = new Map(states.map((state) => [state.id, state]))
    this.overlay = new BaseOverlay(base)
  }

  async perform(state: EntryState): Promise<void> {
    if (this.#begun.has(state.id)) return
    this.#begun.add(state.id)
    try {
      const step = await (state.deleted ? this.#remove(state) : this.#bring(state))
      this.#take(state, step)
      await this.#performAgain()
    } catch (error) {
      if (!isSyncError(error, 'io-error') && !isSyncError(error, 'disk-full')) throw error
      this.outcomes.push({
        kind: 'problem',
        state,
        path: this.#pathOf(state),
        code: error.code,
        message: error.message,
      })
    }
  }

  /** What waited for something that was itself under way then: as long as that leads on. */
  async performWaiting(): Promise<void> {
    for (let before = -1; before !== this.#appliedCount();) {
      before = this.#appliedCount()
      await this.#repeat(({ kind, state }) => kind === 'waiting' || (kind === 'changed' && this.#aside.has(state.id)))
    }
  }

  async finish(): Promise<void> {
    for (const before of this.#aside.values()) await this.#undoStep(before)
    for (const { id, mode } of this.#modes) await this.#setDirectoryMode(id, mode)
    await this.#files.syncDirectories([...this.#directories])
  }

  #take(state: EntryState, step: Step): void {
    if (step.kind !== 'done') {
      this.outcomes.push(step)
      return
    }
    if (step.base === null) this.overlay.remove(state.id)
    else this.overlay.put(step.base)
    this.outcomes.push({ kind: 'applied', state })
  }

  async #remove(state: EntryState): Promise<Step> {
    const base = this.overlay.base(state.id)
    if (base === undefined) return { kind: 'done', base: null }
    // A child may have to be moved out, or deleted, before its directory can go.
    for (const child of this.overlay.baseChildren(state.id)) await this.#performPending(child.id)
    const path = this.#requirePath(state.id)
    const left = this.overlay.baseChildren(state.id)
    if (left.length > 0) {
      const inUse = this.outcomes.find(
        ({ kind, state: { id } }) => kind === 'in-use' && left.some((child) => child.id === id),
      )
      if (inUse?.kind === 'in-use') return { ...inUse, state, path }
      return { kind: 'changed', state, path, detail: 'the directory holds something that is not in step yet' }
    }
    const result =
      base.content.kind === 'directory'
        ? await this.#files.removeDirectory(path)
        : await this.#files.removeFile(path, base.stat)
    this.#touched(path)
    if (result.kind === 'removed') return { kind: 'done', base: null }
    if (result.kind === 'gone') {
      // Where a directory above was moved away, the entry went with it: it is not gone at all.
      const isGone = await this.#isWhereBaseSays(base.parent)
      return isGone ? { kind: 'done', base: null } : { kind: 'changed', state, path, detail: 'its directory was moved' }
    }
    if (result.kind === 'in-use') return { ...result, state, path }
    const detail = result.kind === 'changed' ? result.detail : 'the directory holds something that is not in step yet'
    return { kind: 'changed', state, path, detail }
  }

  async #isWhereBaseSays(directory: EntryId): Promise<boolean> {
    if (directory === ROOT_ID) return true
    const base = this.overlay.base(directory)
    const stat = base === undefined ? undefined : await this.#files.stat(this.#requirePath(directory))
    return base !== undefined && stat !== undefined && isSame(base.stat, stat)
  }

  async #bring(state: EntryState): Promise<Step> {
    if (state.parent !== ROOT_ID) {
      await this.#performPending(state.parent)
      if (this.overlay.base(state.parent) === undefined) return { kind: 'waiting', state, path: state.name }
    }
    const path = this.#pathOf(state)
    const refusal = this.#refusedName(state)
    if (refusal !== undefined) return { kind: 'problem', state, path, code: 'io-error', message: refusal }
    // Two entries never share a place in the base, whatever the disk now holds there: the scan must tell first.
    const occupant = await this.#makeRoom(state)
    if (occupant !== undefined && occupant.id !== state.id) {
      return { kind: 'changed', state, path, detail: `${occupant.id} still has this name` }
    }
    const base = this.overlay.base(state.id)
    return base === undefined ? this.#create(state, path) : this.#update(state, base, path)
  }

  /** The coordinator checks names too, but it is not believed: on some disks `.Causeway` is the marker directory. */
  #refusedName({ id, name }: EntryState): string | undefined {
    const problem = this.overlay.base(id)?.name === name ? null : checkName(name)
    return problem === null ? undefined : `the name ${JSON.stringify(name)} ${problem.message}`
  }

  /**
   * If another entry holds the name and is itself to go elsewhere, it goes
   * first. Where it can't (the two want each other's names, or it belongs
   * below this one) it steps aside until this one stands. Returns what has
   * the name then.
   */
  async #makeRoom(state: EntryState): Promise<BaseEntry | undefined> {
    const occupant = this.overlay.baseAt(state.parent, state.name)
    const target = occupant === undefined ? undefined : this.#states.get(occupant.id)
    if (occupant === undefined || target === undefined || occupant.id === state.id) return occupant
    await this.#moveAside(state, occupant, target)
    return this.overlay.baseAt(state.parent, state.name)
  }

  async #moveAside(state: EntryState, occupant: BaseEntry, target: EntryState): Promise<void> {
    await this.perform(target)
    const isStillThere = this.overlay.baseAt(state.parent, state.name)?.id === occupant.id
    const answer = this.outcomes.find((outcome) => outcome.state.id === occupant.id)
    if (!isStillThere || !this.#waitsForThis(target, answer)) return
    const from = this.#requirePath(occupant.id)
    if (target.deleted && !(await this.#isAsKnown(occupant.id, from))) return
    const aside = asAside(occupant)
    const result = await this.#files.move(from, asidePath(aside), occupant.stat)
    if (result.kind !== 'placed') return
    this.#touched(from)
    this.#touched(asidePath(aside))
    this.overlay.put({ ...aside, stat: result.stat })
    this.#aside.set(occupant.id, occupant)
    if (answer !== undefined) this.#again.add(occupant.id)
  }

  /** False if anything below a directory is not as the base knows it: it must stay where people, and scans, find it. */
  async #isAsKnown(directory: EntryId, path: RelativePath): Promise<boolean> {
    const listed = await this.#files.list(path)
    if (listed === undefined) return this.overlay.baseChildren(directory).length === 0
    if (listed.problems.length > 0) return false
    const names = new Set(listed.entries.map(({ name }) => name))
    if (this.overlay.baseChildren(directory).some(({ name }) => !names.has(name))) return false
    for (const { name, stat } of listed.entries) {
      const known = this.overlay.baseAt(directory, name)
      if (known === undefined || !isSame(known.stat, stat)) return false
      if (stat.kind === 'directory' && !(await this.#isAsKnown(known.id, joinPath(path, name)))) return false
    }
    return true
  }

  /** Back to where it was, if it found no way on and that place is still free. Elsewise it waits aside. */
  async #undoStep(before: BaseEntry): Promise<void> {
    const now = this.overlay.base(before.id)
    if (now?.parent !== ASIDE_ID || this.overlay.baseAt(before.parent, before.name) !== undefined) return
    const parent = before.parent === ROOT_ID ? '' : basePath(this.overlay, before.parent)
    if (parent === undefined) return
    const path = joinPath(parent, before.name)
    const result = await this.#files.move(asidePath(now), path, now.stat)
    if (result.kind !== 'placed') return
    this.#touched(asidePath(now))
    this.#touched(path)
    this.overlay.put({ ...now, parent: before.parent, name: before.name, stat: result.stat })
  }

  /** True if the occupant is on its way elsewhere, or only holds what is, and must let this one through first. */
  #waitsForThis(occupant: EntryState, answer: ApplyOutcome | undefined): boolean {
    if (!occupant.deleted) return answer === undefined || answer.kind === 'waiting'
    const children = this.overlay.baseChildren(occupant.id)
    return children.length > 0 && children.every((child) => this.#states.has(child.id))
  }

  /** What waited for a name or a directory that stands now. */
  async #performAgain(): Promise<void> {
    if (this.#again.size === 0) return
    const again = new Set(this.#again)
    this.#again.clear()
    await this.#repeat(({ kind, state }) => kind === 'waiting' || again.has(state.id))
  }

  async #repeat(isDue: (outcome: ApplyOutcome) => boolean): Promise<void> {
    const due = this.outcomes.filter(isDue)
    this.outcomes.splice(0, this.outcomes.length, ...this.outcomes.filter((outcome) => !isDue(outcome)))
    for (const { state } of due) this.#begun.delete(state.id)
    for (const { state } of due) await this.perform(state)
  }

  #appliedCount(): number {
    return this.outcomes.filter(({ kind }) => kind === 'applied').length
  }

  async #create(state: EntryState, path: RelativePath): Promise<Step> {
    const { content } = state
    this.#touched(path)
    switch (content.kind) {
      case 'directory':
        this.#modes.push({ id: state.id, mode: content.mode })
        return this.#placed(state, path, await this.#files.makeDirectory(path, content.mode | 0o700))
      case 'symlink':
        return this.#placed(state, path, await this.#files.makeSymlink(path, content.target))
      case 'file': {
        const staged = this.#staged.get(state.id)
        if (staged === undefined) return { kind: 'waiting', state, path }
        return this.#placed(state, path, await this.#files.placeNew(staged, path))
      }
    }
  }

  async #update(state: EntryState, base: BaseEntry, path: RelativePath): Promise<Step> {
    let stat = base.stat
    const from = this.#requirePath(state.id)
    if (from !== path) {
      this.#touched(from)
      this.#touched(path)
      const moved = await this.#files.move(from, path, base.stat)
      if (moved.kind === 'changed') return { kind: 'changed', state, path: from, detail: moved.detail }
      stat = moved.stat
      // From here on the entry is at its new place, whatever becomes of its content.
      this.overlay.put({ ...base, parent: state.parent, name: state.name, placeVector: state.placeVector, stat })
    }
    if (sameContent(base, state)) return { kind: 'done', base: baseOf(state, stat, base.racy) }
    return this.#updateContent(state, base, stat, path)
  }

  async #updateContent(state: EntryState, base: BaseEntry, stat: Stat, path: RelativePath): Promise<Step> {
    const { content } = state
    this.#touched(path)
    if (content.kind === 'symlink') {
      const removed = await this.#files.removeFile(path, stat)
      if (removed.kind === 'changed' || removed.kind === 'in-use') return { ...removed, state, path }
      return this.#placed(state, path, await this.#files.makeSymlink(path, content.target))
    }
    if (content.kind === 'directory' || sameBytes(base.content, content)) {
      const metadata =
        content.kind === 'file' ? { mode: content.mode, mtimeNs: BigInt(content.mtimeNs) } : { mode: content.mode }
      return this.#placed(state, path, await this.#files.setMetadata(path, metadata, stat))
    }
    const staged = this.#staged.get(state.id)
    if (staged === undefined) return { kind: 'waiting', state, path }
    return this.#placed(state, path, await this.#files.replace(staged, path, stat))
  }

  #placed(state: EntryState, path: RelativePath, result: ReplaceResult): Step {
    if (result.kind !== 'placed') return { ...result, state, path }
    return { kind: 'done', base: baseOf(state, result.stat, false) }
  }

  async #performPending(id: EntryId): Promise<void> {
    const state = this.#states.get(id)
    if (state !== undefined) await this.perform(state)
  }

  async #setDirectoryMode(id: EntryId, mode: number): Promise<void> {
    const base = this.overlay.base(id)
    if (base === undefined || base.stat.mode === mode) return
    const result = await this.#files.setMetadata(this.#requirePath(id), { mode }, base.stat)
    if (result.kind === 'placed') this.overlay.put({ ...base, stat: result.stat })
  }

  #touched(path: RelativePath): void {
    this.#directories.add(directoryOf(path))
  }

  #pathOf(state: EntryState): RelativePath {
    return joinPath(basePath(this.overlay, state.parent) ?? '', state.name)
  }

  #requirePath(id: EntryId): RelativePath {
    const path = basePath(this.overlay, id)
    if (path === undefined) throw new Error(`entry ${id} has no path in the base`)
    return path
  }
}

function baseOf(state: EntryState, stat: Stat, racy: boolean): BaseEntry {
  const { id, seq, parent, name, placeVector, content, contentVector, existenceVector } = state
  return { id, seq, parent, name, placeVector, content, contentVector, existenceVector, stat, racy }
}
