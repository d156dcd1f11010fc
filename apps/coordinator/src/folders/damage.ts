import { setImmediate } from 'node:timers/promises'
import {
  decodeManifest,
  HashSchema,
  isSyncError,
  LIMITS,
  type ErrorCode,
  type FolderId,
  type Hash,
} from '@causeway/protocol'
import type { ChunkRow, MetadataReader, MetadataStore, PackStore } from '@causeway/store'
import { z } from 'zod'
import type { Bus } from '../live/bus.ts'
import type { Log } from '../log.ts'

/** Chunks that this coordinator's disk has spoilt, from when that is found until a node has sent them again. */
export interface Damage {
  /**
   * Takes damaged chunks out of the index, in one durable write with the note
   * that they are awaited: from then on they count as missing, and nodes that
   * carry their folders are asked for them. A chunk that lies elsewhere by now
   * is left alone.
   */
  found(chunks: readonly PlacedChunk[]): Promise<void>
  /** Damaged chunks that nobody has sent again yet. */
  awaited(): Promise<readonly Hash[]>
  /** Contents of a folder that hold awaited chunks, as many as one message may name. */
  wanted(folder: FolderId): Promise<readonly Hash[]>
  /** An awaited chunk was asked for in vain: the nodes are asked again before long. */
  missed(): void
  /** Chunks found damaged since the coordinator started. */
  readonly foundCount: number
  stop(): void
}

export type PlacedChunk = Pick<ChunkRow, 'hash' | 'pack' | 'offset'>

/** True where bytes are gone for good, not where a disk only refused to give them. */
export function isDamageCode(code: ErrorCode): boolean {
  return code === 'chunk-corrupt' || code === 'chunk-missing'
}

export function isDamage(error: unknown): boolean {
  return isSyncError(error) && isDamageCode(error.code)
}

/** With no pack there at all, rather the disk is missing than every chunk: then nothing is to be forgotten. */
export async function holdsPacks(packs: PackStore): Promise<boolean> {
  return (await packs.packs().catch(() => [])).length > 0
}

const SETTING = 'damaged-chunks'
/** Beyond this many, those found last are not remembered (and still missing, so whoever commits them sends them). */
const REMEMBERED = LIMITS.chunksPerRequest
/** Damage seldom comes alone: what is found within this time is looked up, and told of, together. */
const TELL_AFTER_MS = 200
const TELL_AGAIN_AFTER_MS = 5_000
const MANIFESTS_AT_ONCE = 200

export function createDamage(metadata: MetadataStore, { bus, log }: { readonly bus: Bus; readonly log: Log }): Damage {
  let foundCount = 0
  let timer: NodeJS.Timeout | undefined
  let lookedUp: { readonly key: string; readonly contents: Promise<ReadonlyMap<FolderId, readonly Hash[]>> } | undefined

  function tellAfter(milliseconds: number): void {
    if (timer !== undefined) return
    timer = setTimeout(() => {
      timer = undefined
      bus.publish('damage', {})
    }, milliseconds)
    timer.unref()
  }

  async function remove(chunks: readonly PlacedChunk[]): Promise<void> {
    const { removed, forgotten } = await metadata.write(async (tx) => {
      const rows = await tx.chunks(chunks.map(({ hash }) => hash))
      const places = new Map(rows.map((row) => [row.hash, placeOf(row)]))
      const removed = chunks.filter((chunk) => places.get(chunk.hash) === placeOf(chunk)).map(({ hash }) => hash)
      if (removed.length === 0) return { removed, forgotten: 0 }
      const marked = [...new Set([...(await awaitedIn(tx)), ...removed])]
      await tx.removeChunks(removed)
      await tx.putSetting(SETTING, JSON.stringify(marked.slice(0, REMEMBERED)))
      return { removed, forgotten: Math.max(0, marked.length - REMEMBERED) }
    })
    if (removed.length === 0) return
    foundCount += removed.length
    for (const chunk of removed) log.error({ chunk }, 'a chunk is damaged: nodes that hold it are asked for it')
    if (forgotten > 0) log.error({ forgotten }, 'more chunks are damaged than can be asked for at once')
    tellAfter(TELL_AFTER_MS)
  }

  return {
    async found(chunks) {
      for (let at = 0; at < chunks.length; at += LIMITS.chunksPerRequest) {
        await remove(chunks.slice(at, at + LIMITS.chunksPerRequest))
      }
    },
    awaited: () => metadata.read(awaitedIn),
    async wanted(folder) {
      const chunks = await metadata.read(awaitedIn)
      if (chunks.length === 0) return []
      const key = chunks.join()
      if (lookedUp?.key !== key) lookedUp = { key, contents: contentsWith(metadata, chunks) }
      const current = lookedUp
      try {
        return (await current.contents).get(folder) ?? []
      } catch (error) {
        if (lookedUp === current) lookedUp = undefined
        throw error
      }
    },
    missed: () => tellAfter(TELL_AGAIN_AFTER_MS),
    get foundCount() {
      return foundCount
    },
    stop: () => clearTimeout(timer),
  }
}

/** Damaged chunks that nobody has sent again yet: one that was is in the index again. */
export async function awaitedIn(tx: MetadataReader): Promise<readonly Hash[]> {
  const setting = await tx.setting(SETTING)
  if (setting === undefined) return []
  const marked = z.array(HashSchema).parse(JSON.parse(setting))
  const held = new Set((await tx.chunks(marked)).map(({ hash }) => hash))
  return marked.filter((hash) => !held.has(hash))
}

/** Walks all chunk lists: dear, but only damage asks for it. */
async function contentsWith(
  metadata: MetadataStore,
  chunks: readonly Hash[],
): Promise<ReadonlyMap<FolderId, readonly Hash[]>> {
  const damaged = new Set(chunks)
  // A small content is its own only chunk.
  const contents = new Set(chunks)
  for (let order = 0; ;) {
    const page = await metadata.read((tx) => tx.manifestsAfter(order, MANIFESTS_AT_ONCE))
    for (const { content, chunks: list } of page) {
      if (decodeManifest(list).some(({ hash }) => damaged.has(hash))) contents.add(content)
    }
    const last = page.at(-1)
    if (last === undefined) break
    order = last.order
    await setImmediate()
  }
  return byFolder(metadata, contents)
}

function byFolder(
  metadata: MetadataStore,
  contents: ReadonlySet<Hash>,
): Promise<ReadonlyMap<FolderId, readonly Hash[]>> {
  return metadata.read(async (tx) => {
    const found = new Map<FolderId, readonly Hash[]>()
    for (const { id } of await tx.folders()) {
      const here = new Set<Hash>()
      for await (const content of tx.referencedContents(id, 0)) {
        if (contents.has(content)) here.add(content)
        if (here.size === LIMITS.wantedContents) break
      }
      found.set(id, [...here])
    }
    return found
  })
}

function placeOf({ pack, offset }: PlacedChunk): string {
  return `${pack} ${offset}`
}
