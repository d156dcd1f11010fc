import { hash } from 'node:crypto'
import { LIMITS, isContentHash, type Content, type FileContent, type ContentHash } from '@causeway/protocol'
import { isSame, type RelativePath, type Stat } from '@causeway/replica'
import type { UploadResult } from '../../ports.ts'
import type { CycleContext } from '../cycle-context.ts'
import { TIMINGS } from '../timings.ts'

const SETTLE_BYTES = 1024 * 1024

export type ReadContent =
  | {
      readonly kind: 'read'
      readonly content: Content
      readonly stat: Stat
      /** True if the file may have changed again within the clock's grain. */
      readonly racy: boolean
      /** The bytes, where they are small enough to travel with the commit. */
      readonly inline: Uint8Array | null
      /** What was sent of a larger file, and what is to be told of it. */
      readonly uploaded: Uploaded | null
    }
  /** It is changing, or gone: look again. */
  | { readonly kind: 'unstable'; readonly detail: string; readonly waitMs: number }

type Uploaded = Extract<UploadResult, { kind: 'uploaded' }>

export interface ReadRequest {
  readonly path: RelativePath
  /** The entry as it was scanned. */
  readonly seen: Stat
  /** The content that both sides knew the file by; null if it is new. */
  readonly replaces: FileContent | null
  /** The coordinator could not do with less: a large file is to be sent whole. */
  readonly isWhole: boolean
}

/** Reads what an entry holds. What is given back was all there at one moment. */
export async function readContent(
  context: CycleContext,
  request: ReadRequest,
  signal: AbortSignal,
): Promise<ReadContent> {
  const { path, seen } = request
  if (seen.kind === 'directory') return steady({ kind: 'directory', mode: seen.mode }, seen, false)
  if (seen.kind === 'symlink') return readSymlink(context, path, seen)
  const wait = await settlingTime(context, request)
  if (wait > 0) return { kind: 'unstable', detail: 'it was changed a moment ago', waitMs: wait }
  return seen.size <= LIMITS.inlineBytes ? readSmall(context, path, seen) : readLarge(context, request, signal)
}

/** SHA-256 in lower-case hex. */
export function hashOf(bytes: Uint8Array): ContentHash {
  const hex = hash('sha256', bytes)
  if (!isContentHash(hex)) throw new Error('SHA-256 gave something else than a hash')
  return hex
}

function steady(content: Content, stat: Stat, racy: boolean): ReadContent {
  return { kind: 'read', content, stat, racy, inline: null, uploaded: null }
}

async function readSymlink({ files }: CycleContext, path: RelativePath, seen: Stat): Promise<ReadContent> {
  const target = await files.readLink(path)
  const stat = await files.stat(path)
  if (target === undefined || stat === undefined || !isSame(stat, seen)) {
    return { kind: 'unstable', detail: 'the link was changed while it was read', waitMs: TIMINGS.unstableMs }
  }
  return steady({ kind: 'symlink', target }, stat, false)
}

/** How long to leave a file alone: reading a large one is dear, and may show half of what is being written. */
async function settlingTime({ files, wallNow }: CycleContext, { path, seen, replaces }: ReadRequest): Promise<number> {
  const age = ageMs(wallNow(), seen)
  if (age < 0) return 0
  if (seen.size === 0) return Math.max(0, TIMINGS.truncatedMs - age)
  if (seen.size <= SETTLE_BYTES || age >= TIMINGS.settleMs) return 0
  const restMs = TIMINGS.settleMs - age
  const hasWriter = isWrittenOften(seen, replaces) ? undefined : await files.hasWriter(path)
  if (hasWriter === undefined) return restMs
  if (hasWriter) return Math.min(TIMINGS.writerMs, restMs)
  // Only what the clock cannot tell apart is left to wait for.
  return Math.max(0, TIMINGS.clockGrainMs - age)
}

function isWrittenOften({ mtimeNs }: Stat, replaces: FileContent | null): boolean {
  if (replaces === null) return false
  const apartNs = mtimeNs - BigInt(replaces.mtimeNs)
  return apartNs >= 0n && apartNs < BigInt(TIMINGS.oftenMs) * 1_000_000n
}

/** How long ago the file changed; negative if its time lies ahead of the clock, which then says nothing. */
function ageMs(nowMs: number, { mtimeNs, ctimeNs }: Stat): number {
  const last = ctimeNs > mtimeNs ? ctimeNs : mtimeNs
  return nowMs - Number(last / 1_000_000n)
}

const CHANGED = { kind: 'unstable', detail: 'it was changed while it was read', waitMs: TIMINGS.unstableMs } as const

async function readSmall(context: CycleContext, path: RelativePath, seen: Stat): Promise<ReadContent> {
  const atMs = context.wallNow()
  const bytes = await context.files.readWhole(path, seen)
  if (bytes === 'changing') return CHANGED
  return bytes === undefined ? readChanged(context, path) : small(bytes, seen, atMs)
}

/** It is not as it was scanned any more, as happens to a file that is saved just now. */
async function readChanged(context: CycleContext, path: RelativePath): Promise<ReadContent> {
  const atMs = context.wallNow()
  const file = await context.files.open(path)
  if (file === undefined) return { kind: 'unstable', detail: 'it is gone', waitMs: TIMINGS.unstableMs }
  try {
    const { stat } = file
    if (stat.size > LIMITS.inlineBytes) return { kind: 'unstable', detail: 'it is growing', waitMs: TIMINGS.growingMs }
    const bytes = await file.read(0, stat.size)
    if (bytes.length !== stat.size || !(await file.isUnchanged())) {
      return CHANGED
    }
    return small(bytes, stat, atMs)
  } finally {
    await file.close()
  }
}

function small(bytes: Uint8Array, stat: Stat, atMs: number): ReadContent {
  const racy = isRacy(stat, atMs)
  return { kind: 'read', content: fileContent(hashOf(bytes), stat), stat, racy, inline: bytes, uploaded: null }
}

async function readLarge(
  { transfer, wallNow }: CycleContext,
  { path, seen, replaces, isWhole }: ReadRequest,
  signal: AbortSignal,
): Promise<ReadContent> {
  const atMs = wallNow()
  const result = isWhole
    ? await transfer.uploadWhole(path, seen, signal)
    : await transfer.upload(path, seen, replaces, signal)
  if (result.kind === 'unstable') return { kind: 'unstable', detail: result.detail, waitMs: TIMINGS.settleMs }
  const racy = isRacy(seen, atMs)
  return { kind: 'read', content: fileContent(result.hash, seen), stat: seen, racy, inline: null, uploaded: result }
}

/** True if the file may have changed once more, with the same time, after it began to be read. */
function isRacy(stat: Stat, beganMs: number): boolean {
  return Math.abs(ageMs(beganMs, stat)) < TIMINGS.clockGrainMs
}

function fileContent(hash: ContentHash, stat: Stat): Content {
  return { kind: 'file', hash, size: stat.size, mode: stat.mode, mtimeNs: stat.mtimeNs.toString() }
}
