import { createHash } from 'node:crypto'
import {
  ContentHashSchema,
  NodeIdSchema,
  onlyChunkOf,
  ROOT_ID,
  entryIdOf,
  type Content,
  type ContentHash,
  type EntryId,
  type EntryState,
  type NodeId,
  type Operation,
  type Outcome,
  type VersionVector,
} from '@causeway/protocol'
import type { MemoryFolder } from '@causeway/testkit'
import { merge, withDot } from '../../version-vector.ts'

/** A node that commits one operation at a time, on what it last saw. */
export class Author {
  readonly id: NodeId
  counter = 0
  clock: VersionVector = {}
  readonly #folder: MemoryFolder
  /** The folder as this node last saw it. */
  #seen = new Map<EntryId, EntryState>()

  constructor(folder: MemoryFolder, name: string) {
    this.#folder = folder
    this.id = NodeIdSchema.parse(name)
  }

  /** Reads the log to its head. */
  see(): void {
    const { states, clock } = this.#folder.changes({ cursor: { epoch: '', seq: 0, tag: '' }, limit: 4096 })
    this.clock = merge(this.clock, clock)
    for (const state of states) this.#seen.set(state.id, state)
  }

  /** Gives up what it knew, as a node does once it learns that the log was set back. */
  reread(): void {
    this.#seen.clear()
    this.clock = {}
    this.see()
  }

  /** The live entries as last seen. */
  live(): readonly EntryState[] {
    return [...this.#seen.values()].filter(({ deleted }) => !deleted)
  }

  seen(id: EntryId): EntryState {
    const state = this.#seen.get(id)
    if (state === undefined) throw new Error(`${this.id} never saw ${id}`)
    return state
  }

  create(name: string, text: string | null, parent: EntryId = ROOT_ID): Outcome {
    const content = text === null ? directory : file(text)
    return this.#commit(
      (counter) => ({ kind: 'create', counter, entry: entryIdOf(this.id, counter), place: { parent, name }, content }),
      text,
    )
  }

  edit(id: EntryId, text: string): Outcome {
    const { contentVector: basedOn, content } = this.seen(id)
    const basedOnHash = content.kind === 'file' ? content.hash : ''
    return this.#commit(
      (counter) => ({ kind: 'edit', counter, entry: id, basedOn, basedOnHash, content: file(text) }),
      text,
    )
  }

  move(id: EntryId, parent: EntryId, name: string): Outcome {
    const { placeVector: basedOn } = this.seen(id)
    return this.#commit((counter) => ({ kind: 'move', counter, entry: id, basedOn, place: { parent, name } }))
  }

  delete(id: EntryId, subtree = false): Outcome {
    const { contentVector: seenContent, placeVector: seenPlace } = this.seen(id)
    return this.#commit((counter) => ({ kind: 'delete', counter, entry: id, seenContent, seenPlace, subtree }))
  }

  offer(state: EntryState): Outcome {
    return this.#commit((counter) => ({ kind: 'offer', counter, state }))
  }

  #commit(operation: (counter: number) => Operation, text: string | null = null): Outcome {
    this.counter += 1
    const request = {
      clock: this.clock,
      operations: [operation(this.counter)],
      contents: text === null ? [] : [{ hash: hash(text), bytes: new TextEncoder().encode(text) }],
      manifests: [],
      approved: true,
    }
    const [outcome] = this.#folder.commit({ id: this.id, name: this.id, access: 'read-write' }, request).outcomes
    if (outcome === undefined) throw new Error('there is no outcome')
    this.clock = withDot(this.clock, this.id, this.counter)
    return outcome
  }
}

const directory: Content = { kind: 'directory', mode: 0o755 }

function hash(text: string): ContentHash {
  return ContentHashSchema.parse(createHash('sha256').update(text).digest('hex'))
}

function file(text: string): Content {
  return { kind: 'file', hash: hash(text), size: text.length, mode: 0o644, mtimeNs: '0' }
}

export function textOf(folder: MemoryFolder, path: string): string | undefined {
  const content = folder.paths().get(path)?.content
  return content?.kind === 'file' ? new TextDecoder().decode(folder.chunks.get(onlyChunkOf(content.hash))) : undefined
}

export function stateAt(folder: MemoryFolder, path: string): EntryState {
  const state = folder.paths().get(path)
  if (state === undefined) throw new Error(`the folder holds nothing at ${path}`)
  return state
}
