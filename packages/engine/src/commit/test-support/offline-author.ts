import {
  NodeIdSchema,
  ROOT_ID,
  entryIdOf,
  type CommitRequest,
  type Content,
  type EntryId,
  type EntryState,
  type NodeId,
  type Operation,
  type VersionVector,
} from '@causeway/protocol'
import { withDot } from '../../version-vector.ts'
import { identityOf } from '../deciding.ts'
import { directoryOfMode, fileOf, linkTo } from './contents.ts'

/** What a person does on one disk; numbers pick among what is there. */
export type Act =
  | {
      readonly kind: 'create'
      readonly parent: number
      readonly name: string
      readonly text: string | null
      readonly mode: number
      /** A symlink, with the text for its target. */
      readonly isLink?: boolean
    }
  | { readonly kind: 'edit'; readonly entry: number; readonly text: string }
  | { readonly kind: 'chmod'; readonly entry: number; readonly mode: number }
  | { readonly kind: 'touch'; readonly entry: number; readonly mtimeNs: string }
  | { readonly kind: 'move'; readonly entry: number; readonly parent: number; readonly name: string }
  | { readonly kind: 'delete'; readonly entry: number }

/**
 * A node that hears nothing: it knows the folder as it once was, and what it
 * did itself. Its requests are the same whatever the others do.
 */
export class OfflineAuthor {
  readonly id: NodeId
  readonly requests: CommitRequest[] = []
  readonly moved = new Set<EntryId>()
  readonly #view: Map<EntryId, EntryState>
  readonly #clock: VersionVector
  #counter: number

  constructor(name: string, view: readonly EntryState[], clock: VersionVector) {
    this.id = NodeIdSchema.parse(name)
    this.#view = new Map(view.filter(({ deleted }) => !deleted).map((state) => [state.id, state]))
    this.#clock = clock
    this.#counter = clock[name] ?? 0
  }

  act(act: Act): void {
    if (act.kind === 'create') return this.#create(act)
    const live = [...this.#view.values()]
    const entry = live[act.entry % Math.max(live.length, 1)]
    if (entry === undefined) return
    switch (act.kind) {
      case 'edit':
        if (entry.content.kind === 'file') this.#edit(entry, fileOf(act.text, entry.content))
        if (entry.content.kind === 'symlink') this.#edit(entry, linkTo(act.text))
        return
      case 'chmod':
        if (entry.content.kind !== 'symlink' && entry.content.mode !== act.mode)
          this.#edit(entry, { ...entry.content, mode: act.mode })
        return
      case 'touch':
        if (entry.content.kind === 'file') this.#edit(entry, { ...entry.content, mtimeNs: act.mtimeNs })
        return
      case 'move':
        return this.#move(entry, act)
      case 'delete':
        return this.#delete(entry)
    }
  }

  #create({ parent: pick, name, text, mode, isLink = false }: Extract<Act, { kind: 'create' }>): void {
    const parent = this.#directory(pick)
    if (this.#isTaken(parent, name)) return
    const content = text === null ? directoryOfMode(mode) : isLink ? linkTo(text) : { ...fileOf(text), mode }
    const entry = entryIdOf(this.id, this.#counter + 1)
    const vector = this.#send((counter) => ({ kind: 'create', counter, entry, place: { parent, name }, content }))
    this.#view.set(entry, {
      id: entry,
      seq: 1,
      parent,
      name,
      placeVector: vector({}),
      content,
      contentVector: vector({}),
      deleted: false,
      existenceVector: {},
    })
  }

  #edit(entry: EntryState, content: Content): void {
    const basedOnHash = identityOf(entry.content)
    const basedOnMode = entry.content.kind === 'symlink' ? undefined : entry.content.mode
    const vector = this.#send((counter) => ({
      kind: 'edit',
      counter,
      entry: entry.id,
      basedOn: entry.contentVector,
      basedOnHash,
      ...(basedOnMode !== undefined && { basedOnMode }),
      content,
    }))
    this.#view.set(entry.id, { ...entry, content, contentVector: vector(entry.contentVector) })
  }

  #move(entry: EntryState, { parent: pick, name }: Extract<Act, { kind: 'move' }>): void {
    const parent = this.#directory(pick)
    if (this.#isTaken(parent, name) || this.#isWithin(parent, entry.id)) return
    this.moved.add(entry.id)
    const vector = this.#send((counter) => ({
      kind: 'move',
      counter,
      entry: entry.id,
      basedOn: entry.placeVector,
      place: { parent, name },
    }))
    this.#view.set(entry.id, { ...entry, parent, name, placeVector: vector(entry.placeVector) })
  }

  #delete(entry: EntryState): void {
    const below = [...this.#view.values()].filter(({ id }) => id !== entry.id && this.#isWithin(id, entry.id))
    this.#send((counter) => ({
      kind: 'delete',
      counter,
      entry: entry.id,
      seenContent: entry.contentVector,
      seenPlace: entry.placeVector,
      subtree: below.length > 0,
    }))
    for (const { id } of [entry, ...below]) this.#view.delete(id)
  }

  #send(operation: (counter: number) => Operation): (vector: VersionVector) => VersionVector {
    this.#counter += 1
    const counter = this.#counter
    const clock = withDot(this.#clock, this.id, counter - 1)
    this.requests.push({ clock, operations: [operation(counter)], contents: [], manifests: [], approved: true })
    return (vector) => withDot(vector, this.id, counter)
  }

  #directory(pick: number): EntryId {
    const directories = [...this.#view.values()].filter(({ content }) => content.kind === 'directory')
    return [ROOT_ID, ...directories.map(({ id }) => id)][pick % (directories.length + 1)] ?? ROOT_ID
  }

  #isTaken(parent: EntryId, name: string): boolean {
    return [...this.#view.values()].some((state) => state.parent === parent && state.name === name)
  }

  #isWithin(id: EntryId, directory: EntryId): boolean {
    for (let at: EntryId | undefined = id; at !== undefined; at = this.#view.get(at)?.parent)
      if (at === directory) return true
    return false
  }
}
