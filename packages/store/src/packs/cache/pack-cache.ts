import { SyncError } from '@causeway/protocol'
import type { ByteRange, PackObjects } from '../pack-objects.ts'
import { isPackName } from '../pack-name.ts'
import { BlockFiles } from './block-files.ts'

export interface PackCacheOptions {
  /** Where the packs are. */
  readonly objects: PackObjects
  /** For the copies alone. */
  readonly directory: string
  /** On the disk, all copies together. */
  readonly maxBytes: number
  readonly blockBytes?: number
}

export type CachedPackObjects = PackObjects & { forget(pack: string): Promise<void> }

const BLOCK_BYTES = 1024 * 1024
/** Sizes of packs that are kept in mind. */
const KNOWN_SIZES = 50_000

/**
 * Packs behind a bounded cache on this machine's disk, in blocks: of what was saved or read lately nothing is asked for
 * again. What is asked for at once is fetched once. `forget` drops the copies of one pack, should they be unsound in a
 * way that their checksums do not show.
 */
export async function openPackCache(options: PackCacheOptions): Promise<CachedPackObjects> {
  const { objects, directory, maxBytes, blockBytes = BLOCK_BYTES } = options
  const files = await BlockFiles.open(directory, maxBytes)
  const sizes = new Map<string, number>()
  const fetching = new Map<string, Promise<Uint8Array>>()
  const nameOf = (pack: string, block: number): string => `${pack}-${block}`

  async function sizeOf(pack: string): Promise<number | null> {
    const size = sizes.get(pack) ?? (await objects.size(pack))
    if (size !== null) noteSize(pack, size)
    return size
  }

  function noteSize(pack: string, size: number): void {
    sizes.set(pack, size)
    const oldest = sizes.keys().next()
    if (sizes.size > KNOWN_SIZES && !oldest.done) sizes.delete(oldest.value)
  }

  async function keepBlocks(pack: string, first: number, bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length; at += blockBytes) {
      await files.keep(nameOf(pack, first + at / blockBytes), bytes.subarray(at, at + blockBytes))
    }
  }

  /** Fetches neighbouring blocks in one request, and keeps them. */
  function fetchBlocks(pack: string, first: number, count: number, size: number): Promise<Uint8Array> {
    const offset = first * blockBytes
    const length = Math.min(count * blockBytes, size - offset)
    const whole = objects.read(pack, { offset, length })
    for (let index = 0; index < count; index++) {
      const name = nameOf(pack, first + index)
      const block = whole.then((bytes) => bytes.subarray(index * blockBytes, (index + 1) * blockBytes))
      fetching.set(name, block)
      const done = (): void => void (fetching.get(name) === block && fetching.delete(name))
      block.then((bytes) => files.keep(name, bytes)).then(done, done)
    }
    return whole
  }

  async function readBlocks(pack: string, first: number, last: number, size: number): Promise<Buffer> {
    const pieces: Promise<Uint8Array | undefined>[] = []
    for (let block = first; block <= last;) {
      const name = nameOf(pack, block)
      const known = fetching.get(name) ?? (files.has(name) ? files.read(name) : undefined)
      if (known !== undefined) {
        pieces.push(known)
        block++
        continue
      }
      let count = 1
      while (block + count <= last && isMissing(nameOf(pack, block + count))) count++
      pieces.push(fetchBlocks(pack, block, count, size))
      block += count
    }
    const found = await Promise.all(pieces)
    if (found.every((piece) => piece !== undefined)) return Buffer.concat(found)
    // A copy was unsound, and is gone by now.
    return readBlocks(pack, first, last, size)
  }

  function isMissing(name: string): boolean {
    return !fetching.has(name) && !files.has(name)
  }

  async function forget(pack: string): Promise<void> {
    sizes.delete(pack)
    await files.drop(files.names().filter((name) => name.startsWith(`${pack}-`)))
  }

  return {
    async save(pack, bytes) {
      await objects.save(pack, bytes)
      if (!isPackName(pack)) return
      noteSize(pack, bytes.length)
      await keepBlocks(pack, 0, bytes)
    },
    async read(pack, range) {
      const { offset, length } = range
      if (!isPackName(pack)) return objects.read(pack, range)
      const size = await sizeOf(pack)
      if (size === null) throw new SyncError('chunk-missing', `cannot read from the pack ${pack}: it is gone`)
      if (offset < 0 || offset + length > size) throw beyond(pack, range, size)
      if (length === 0) return new Uint8Array()
      const first = Math.floor(offset / blockBytes)
      const bytes = await readBlocks(pack, first, Math.floor((offset + length - 1) / blockBytes), size)
      return bytes.subarray(offset - first * blockBytes, offset - first * blockBytes + length)
    },
    size: (pack) => (isPackName(pack) ? sizeOf(pack) : objects.size(pack)),
    list: () => objects.list(),
    async remove(packs) {
      await objects.remove(packs)
      for (const pack of packs) await forget(pack)
    },
    forget,
  }
}

function beyond(pack: string, { offset, length }: ByteRange, size: number): SyncError {
  return new SyncError('chunk-corrupt', `the pack ${pack} ends at ${size}, before ${offset + length}`)
}
