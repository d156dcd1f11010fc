import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect } from 'vitest'
import { createChunker } from '@causeway/engine'
import {
  encodeManifest,
  FolderIdSchema,
  NodeIdSchema,
  ROOT_ID,
  type ChunkRef,
  type EntryId,
  type FileContent,
  type Manifest,
} from '@causeway/protocol'
import {
  bindRoot,
  openDiskFiles,
  openReplicaState,
  type BaseEntry,
  type DiskFiles,
  type OpenReplicaState,
} from '@causeway/replica'
import type { Transfer } from '../../../ports.ts'
import { createTransfer } from '../../create-transfer.ts'
import { contentHashOf, sha256, type MemoryLink } from '../../test-support/memory-link.ts'
import type { NodeContents } from '../node-contents.ts'

const node = NodeIdSchema.parse('ash')
const forever = new AbortController().signal
const silent = { planned() {}, moved() {}, finished() {} }

/** One folder of a node, on a disk. */
export interface Folder {
  readonly root: string
  readonly files: DiskFiles
  readonly state: OpenReplicaState
  readonly transfer: Transfer
  /** Writes a file, and notes it as one that both sides agree on. */
  place(path: string, bytes: Uint8Array): Promise<BaseEntry & { content: FileContent }>
  download(content: FileContent, options?: Partial<Parameters<Transfer['download']>[1]>): Promise<Buffer>
  stagedNames(): Promise<readonly string[]>
  close(): Promise<void>
}

export async function openFolder(name: string, link: MemoryLink, contents: NodeContents): Promise<Folder> {
  const folder = FolderIdSchema.parse(name)
  const root = await mkdtemp(join(tmpdir(), 'causeway-down-'))
  const files = await openDiskFiles({ root, folder, markerNonce: bindRoot(root, folder) })
  const state = openReplicaState({ path: ':memory:', folder, node })
  const transfer = createTransfer({ folder, files, link, state, contents, progress: silent, now: Date.now })
  const leave = contents.add({ files, state })

  return {
    root,
    files,
    state,
    transfer,
    async place(path, bytes) {
      await writeFile(join(root, path), bytes)
      const stat = await files.stat(path)
      if (stat === undefined) throw new Error(`there is no ${path}`)
      const content = {
        kind: 'file',
        hash: contentHashOf(bytes),
        size: bytes.length,
        mode: stat.mode,
        mtimeNs: '0',
      } as const
      const vectors = { placeVector: {}, contentVector: {}, existenceVector: {} }
      const base = {
        id: `ash-${path}` as EntryId,
        parent: ROOT_ID,
        name: path,
        ...vectors,
        content,
        stat,
        seq: 1,
        racy: false,
      }
      state.putBase(base)
      state.putChunkList(content.hash, listOf(bytes))
      hold(link, bytes)
      return base
    },
    async download(content, { replaces = null, patch = null } = {}) {
      const staged = await transfer.download(content, { replaces, patch }, forever)
      await files.syncStaged([staged])
      await rm(join(root, 'out'), { force: true })
      expect(await files.placeNew(staged, 'out')).toMatchObject({ kind: 'placed' })
      return readFile(join(root, 'out'))
    },
    async stagedNames() {
      const other = await openDiskFiles({ root, folder })
      const names = (await other.leftovers()).map(({ id }) => id)
      other.release()
      return names
    },
    async close() {
      leave()
      await transfer.dropPrefetched()
      state.close()
      files.release()
      await rm(root, { recursive: true })
    },
  }
}

/** Makes the coordinator hold a content. */
export function hold(link: MemoryLink, bytes: Uint8Array): FileContent {
  const manifest = manifestOf(bytes)
  let at = 0
  for (const { hash, size } of manifest) link.chunks.set(hash, bytes.subarray(at, (at += size)))
  const hash = contentHashOf(bytes)
  link.manifests.set(hash, manifest)
  return { kind: 'file', hash, size: bytes.length, mode: 0o644, mtimeNs: '1700000000123456789' }
}

export function manifestOf(bytes: Uint8Array): Manifest {
  const chunker = createChunker()
  const ends = [...chunker.push(bytes)]
  const last = chunker.finish()
  if (last !== null) ends.push(last)
  let at = 0
  return sizesOf(ends, bytes.length).map((size): ChunkRef => ({ hash: sha256(bytes.subarray(at, (at += size))), size }))
}

function sizesOf(ends: readonly number[], total: number): readonly number[] {
  const sizes = [...ends]
  const told = sizes.reduce((sum, size) => sum + size, 0)
  if (told < total) sizes.push(total - told)
  return sizes
}

export function listOf(bytes: Uint8Array): Uint8Array {
  return encodeManifest(manifestOf(bytes))
}

/** Bytes that nothing can compress or cut twice alike; the same for the same seed. */
export function noise(length: number, seed = 1): Buffer {
  const words = new Uint32Array(length / 4 + 1)
  let state = seed * 2_654_435_761
  for (let at = 0; at < words.length; at++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) | 0
    words[at] = state ^ (state >>> 15)
  }
  return Buffer.from(words.buffer, 0, length)
}

/** Comparing megabytes byte by byte, to show how they differ, takes seconds. */
export function expectSame(found: Uint8Array, expected: Uint8Array): void {
  expect(Buffer.compare(found, expected)).toBe(0)
}
