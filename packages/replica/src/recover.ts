import {
  basePath,
  directoryOf,
  identityOf,
  isInBase,
  joinPath,
  sameBytes,
  stateOfBase,
  type BaseEntry,
  type BaseView,
  type Stat,
} from '@causeway/engine'
import { ROOT_ID, type Content, type EntryId, type EntryState } from '@causeway/protocol'
import { apply } from './apply.ts'
import { asAside, parseAsideName } from './aside.ts'
import { ASIDE_ID, BaseOverlay } from './base-overlay.ts'
import { ASIDE_DIRECTORY } from './disk/relative-path.ts'
import type { Files, RelativePath } from './files.ts'

export interface RecoverRequest {
  readonly files: Files
  readonly base: BaseView
  /** What was being applied when it was cut off. */
  readonly states: readonly EntryState[]
  /** What an entry holds; `undefined` if it is changing or gone. */
  readonly contentOf: (path: RelativePath, stat: Stat) => Promise<Content | undefined>
  readonly signal: AbortSignal
}

export interface RecoverResult {
  /** The base as the disk bears it out; `null` for entries that are gone. */
  readonly base: ReadonlyMap<EntryId, BaseEntry | null>
  /** Entries whose place nobody else knows any more: they are to be brought back to it. */
  readonly strays: readonly EntryState[]
}

/**
 * Finds out how far an apply came that was cut off, by what is on the disk, and
 * finishes what had begun: moves of which a part stepped aside. What was not
 * begun, or lacks its bytes, is left to the next apply.
 */
export async function recover(request: RecoverRequest): Promise<RecoverResult> {
  const recovering = new Recovering(request)
  await recovering.findAside()
  await recovering.findPlaced()
  const { overlay } = recovering
  const result = new Map(overlay.changes())
  if (overlay.baseChildren(ASIDE_ID).length === 0) return { base: result, strays: recovering.strays }
  const { files, states, signal } = request
  const finished = await apply({ files, base: overlay, states, staged: new Map(), signal })
  for (const [id, base] of finished.base) result.set(id, base)
  return { base: result, strays: recovering.strays }
}

class Recovering {
  readonly overlay: BaseOverlay
  readonly strays: EntryState[] = []
  readonly #request: RecoverRequest
  readonly #states: ReadonlyMap<EntryId, EntryState>

  constructor(request: RecoverRequest) {
    this.#request = request
    this.overlay = new BaseOverlay(request.base)
    this.#states = new Map(request.states.map((state) => [state.id, state]))
  }

  async findAside(): Promise<void> {
    const { files, base } = this.#request
    const listing = await files.list(ASIDE_DIRECTORY)
    for (const { name, stat } of listing?.entries ?? []) {
      const was = parseAsideName(name)
      const known = base.base(was.id)
      if (known === undefined || !isSameInode(known.stat, stat)) {
        await this.#bringOut(name, was.name, stat)
        continue
      }
      this.overlay.put({ ...asAside(known), name, stat })
      if (this.#states.has(was.id)) continue
      const home = known.parent === ASIDE_ID ? { parent: ROOT_ID, name: was.name } : {}
      this.strays.push({ ...stateOfBase(known), ...home })
    }
  }

  /** Repeats while that leads on: one entry may stand where another was, or lie in a directory that comes later. */
  async findPlaced(): Promise<void> {
    let left = this.#request.states.filter((state) => !isInBase(this.overlay.base(state.id), state))
    for (let before = -1; before !== left.length;) {
      before = left.length
      const still: EntryState[] = []
      for (const state of left) {
        this.#request.signal.throwIfAborted()
        const isFound = await (state.deleted ? this.#findGone(state) : this.#find(state))
        if (!isFound) still.push(state)
      }
      left = still
    }
    for (const state of left) this.#forgetIfOusted(state)
  }

  /** What no entry of the base stands for is in the tree under its old name again, as a new entry would be. */
  async #bringOut(asideName: string, name: string, stat: Stat): Promise<void> {
    const { files } = this.#request
    const from = joinPath(ASIDE_DIRECTORY, asideName)
    for (const candidate of [name, `${name} (recovered)`, asideName]) {
      if ((await files.move(from, candidate, stat)).kind === 'placed') return
    }
  }

  async #findGone(state: EntryState): Promise<boolean> {
    const base = this.overlay.base(state.id)
    const path = basePath(this.overlay, state.id)
    if (base === undefined || path === undefined || this.overlay.baseChildren(base.id).length > 0) return false
    const isOusted = this.overlay.baseAt(base.parent, base.name)?.id !== base.id
    if (!isOusted && (await this.#request.files.stat(path)) !== undefined) return false
    this.overlay.remove(base.id)
    return true
  }

  async #find(state: EntryState): Promise<boolean> {
    return (await this.#findInPlace(state)) || this.#findWorkingName(state)
  }

  async #findInPlace(state: EntryState): Promise<boolean> {
    const { files } = this.#request
    const parent = state.parent === ROOT_ID ? '' : basePath(this.overlay, state.parent)
    if (parent === undefined) return false
    const path = joinPath(parent, state.name)
    const base = this.overlay.base(state.id)
    const stat = await files.stat(path)
    if (stat === undefined || stat.kind !== state.content.kind) return false
    const occupant = this.overlay.baseAt(state.parent, state.name)
    if (occupant !== undefined && occupant.id !== state.id) {
      // It can only have made way if it was to.
      if (!this.#states.has(occupant.id) || isSameInode(occupant.stat, stat)) return false
    }
    const content = await this.#request.contentOf(path, stat)
    const found = content === undefined ? undefined : takenFor({ base, state, stat, content })
    if (found === undefined) return false
    this.overlay.put(await this.#withMode(found, path, state))
    return true
  }

  /** Earlier versions let an entry step aside in the tree. */
  async #findWorkingName({ id }: EntryState): Promise<boolean> {
    const base = this.overlay.base(id)
    const path = base === undefined ? undefined : basePath(this.overlay, base.id)
    if (base === undefined || path === undefined) return false
    const name = `.${base.name.slice(0, 60).toWellFormed()}.causeway-moving`
    const stat = await this.#request.files.stat(joinPath(directoryOf(path), name))
    if (stat === undefined || !isSameInode(stat, base.stat) || base.name === name) return false
    this.overlay.put({ ...base, name, stat })
    return true
  }

  /** A new directory is writable until it is filled: that mode is nobody's choice. */
  async #withMode(found: BaseEntry, path: RelativePath, { content }: EntryState): Promise<BaseEntry> {
    if (content.kind !== 'directory' || found.content.kind !== 'directory') return found
    if (found.stat.mode === content.mode || found.stat.mode !== (content.mode | 0o700)) return found
    const set = await this.#request.files.setMetadata(path, { mode: content.mode }, found.stat)
    return set.kind === 'placed' ? { ...found, content, stat: set.stat } : found
  }

  /** Another entry stands in its place, and it is nowhere that it was to be: what is pending of it brings it anew. */
  #forgetIfOusted(state: EntryState): void {
    const base = this.overlay.base(state.id)
    if (base === undefined || this.overlay.baseAt(base.parent, base.name)?.id === base.id) return
    this.overlay.remove(base.id)
  }
}

/** The base entry that the disk speaks for: the applied state's place, and its content if the bytes are these. */
function takenFor({
  base,
  state,
  stat,
  content,
}: {
  readonly base: BaseEntry | undefined
  readonly state: EntryState
  readonly stat: Stat
  readonly content: Content
}): BaseEntry | undefined {
  const { id, seq, parent, name, placeVector, contentVector, existenceVector } = state
  const whole = { id, seq, parent, name, placeVector, content, contentVector, existenceVector, stat, racy: false }
  if (sameBytes(content, state.content)) return whole
  // It was moved, and its new bytes were not there yet.
  const isMovedOnly =
    base !== undefined && identityOf(base.content) === identityOf(content) && isSameInode(base.stat, stat)
  return isMovedOnly ? { ...base, parent, name, placeVector, stat } : undefined
}

function isSameInode(a: Stat, b: Stat): boolean {
  return a.inode === b.inode && a.device === b.device && a.birthtimeNs === b.birthtimeNs && a.kind === b.kind
}
