import { randomBytes } from 'node:crypto'
import { FolderIdSchema, type FileContent, type ContentHash } from '@causeway/protocol'
import type { OpenFile } from '@causeway/replica'
import { createMemoryFiles, type MemoryFiles } from '@causeway/testkit'
import type { Transfer, UploadResult } from '../../../ports.ts'
import { INLINE_READER, type ContentReader } from '../content-reader.ts'
import { createTransfer } from '../../create-transfer.ts'
import { createMemoryLink, type MemoryLink } from '../../test-support/memory-link.ts'

const folder = FolderIdSchema.parse('work')
export const forever: AbortSignal = new AbortController().signal
const silent = { planned() {}, moved() {}, finished() {} }

/** One node that keeps what it is told to, as the sync cycle does. */
export class Uploader {
  readonly disk: MemoryFiles
  readonly link: MemoryLink
  readonly lists: Map<ContentHash, Uint8Array>
  readonly inBase = new Set<ContentHash>()
  /** What the base cache gives for a content. */
  readonly cached = new Map<ContentHash, Uint8Array>()
  readonly dropped: ContentHash[] = []
  readonly transfer: Transfer

  /** Another process of the same node goes on with what `before` knew. */
  constructor(before?: Uploader, reader: ContentReader = INLINE_READER) {
    this.link = before?.link ?? createMemoryLink()
    this.lists = before?.lists ?? new Map<ContentHash, Uint8Array>()
    let ticks = 0n
    this.disk = createMemoryFiles({ now: () => 1_600_000_000_000_000_000n + (ticks += 1n) })
    this.transfer = createTransfer({
      folder,
      files: this.disk.files,
      link: this.link,
      reader,
      progress: silent,
      now: () => 1_700_000_000_000,
      known: {
        chunkList: (content) => this.lists.get(content),
        baseByHash: (content) => (this.inBase.has(content) ? content : undefined),
      },
      bases: {
        open: async (content) => {
          const bytes = this.cached.get(content)
          return bytes === undefined ? undefined : openBytes(bytes)
        },
        drop: async (content) => void this.dropped.push(content),
      },
    })
  }

  async save(path: string, bytes: Uint8Array, replaces: FileContent | null = null): Promise<Uploaded> {
    this.disk.user.write(path, bytes)
    const stat = await this.disk.files.stat(path)
    if (stat === undefined) throw new Error(`there is no ${path}`)
    this.link.calls.length = 0
    this.link.wire.up = 0
    this.link.wire.down = 0
    const result = await this.transfer.upload(path, stat, replaces, forever)
    return this.#committed(await this.#again(result, path))
  }

  /** As the cycle: what was refused once is sent whole. */
  async #again(result: UploadResult, path: string): Promise<UploadResult & { kind: 'uploaded' }> {
    if (result.kind !== 'uploaded') throw new Error(result.detail)
    const missing = await this.link.commitContent(result.hash, result.told)
    if (missing.length === 0) return result
    const stat = await this.disk.files.stat(path)
    const whole = stat && (await this.transfer.uploadWhole(path, stat, forever))
    if (whole?.kind !== 'uploaded' || whole.told.kind !== 'manifest') throw new Error('it could not be sent whole')
    if ((await this.link.commitContent(whole.hash, whole.told)).length > 0) throw new Error('something lacks even so')
    return whole
  }

  #committed(result: UploadResult & { kind: 'uploaded' }): Uploaded {
    this.lists.set(result.hash, result.chunks)
    const { up, down } = this.link.wire
    const content = { kind: 'file', hash: result.hash, size: result.size, mode: 0o644, mtimeNs: '0' } as const
    return { content, result, wireBytes: up + down, calls: [...this.link.calls] }
  }
}

export interface Uploaded {
  readonly content: FileContent
  readonly result: UploadResult & { kind: 'uploaded' }
  readonly wireBytes: number
  readonly calls: readonly string[]
}

export function overwritten(bytes: Uint8Array, at: number, length: number): Uint8Array {
  const copy = Uint8Array.from(bytes)
  copy.set(randomBytes(length), at)
  return copy
}

/** Lines that look a little like one another. */
export function text(lines: number, seed: number): Uint8Array {
  let state = seed
  const next = (below: number): number => (state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0) % below
  return Buffer.from(
    Array.from({ length: lines }, (_, line) => `  const value${next(5000)} = read(${line}, ${next(1e6)})\n`).join(''),
  )
}

/** The bytes with something put in every so often: a short word, or as much noise. */
export function edits(bytes: Uint8Array, count = 20, noiseBytes = 0): Uint8Array[] {
  const step = Math.floor(bytes.length / count)
  return Array.from({ length: count }, (_, part) => {
    const word = noiseBytes === 0 ? Buffer.from(`// ${part * 7919}\n`) : randomBytes(noiseBytes)
    return Buffer.concat([word, bytes.subarray(part * step, part === count - 1 ? undefined : (part + 1) * step)])
  })
}

function openBytes(bytes: Uint8Array): OpenFile {
  const stat = {
    kind: 'file',
    size: bytes.length,
    mode: 0o600,
    mtimeNs: 0n,
    ctimeNs: 0n,
    birthtimeNs: 0n,
    inode: 0n,
    device: 0n,
  } as const
  return {
    stat,
    read: async (offset, length) => bytes.subarray(offset, offset + length),
    async readInto(buffer, offset) {
      const piece = bytes.subarray(offset, offset + buffer.length)
      buffer.set(piece)
      return piece.length
    },
    dataFrom: (offset) => offset,
    isUnchanged: async () => true,
    close: async () => undefined,
  }
}
