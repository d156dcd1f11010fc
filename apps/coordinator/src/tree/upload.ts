import {
  COORDINATOR_ID,
  entryIdOf,
  ROOT_ID,
  SyncError,
  type EntryId,
  type EntryState,
  type FileContent,
  type FolderId,
  type NodeId,
  type Operation,
} from '@causeway/protocol'
import type { MetadataReader } from '@causeway/store'
import { type Commits, entryMeant, OWN_COUNTER_STEP, segmentsOf } from '@causeway/log'
import type { TakenContent } from '@causeway/contents'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { editing, refuseRefused, ownRequest } from './own-request.ts'

/** A content that was taken in, and where it is to be. */
export interface UploadedFile {
  readonly path: string
  readonly content: TakenContent
  /** The node on whose behalf it is uploaded. */
  readonly owner: NodeId | null
}

export interface Uploads {
  /**
   * Puts a content that was taken in at a path: a new file, with the
   * directories it needs, or a new version of the file there.
   */
  put(acting: Acting, file: UploadedFile): Promise<EntryState>
}

const FILE_MODE = 0o644
const DIRECTORY_MODE = 0o755

export function createUploads({ metadata, clock }: Context, commits: Commits): Uploads {
  return {
    async put({ folder, by }, { path, content: { hash, size, rows, hashes, manifests }, owner }) {
      const content: FileContent = {
        kind: 'file',
        hash,
        size,
        mode: FILE_MODE,
        mtimeNs: `${BigInt(clock.now()) * 1_000_000n}`,
      }
      let target: EntryId | undefined
      const uploaded = await commits.author(
        folder,
        async (tx, row, counter) => {
          const operations = await operationsFor(tx, { folder, path, content, counter })
          target = operations.map(entryOf).at(-1)
          const reason =
            owner === null ? 'It was uploaded to the coordinator.' : `It was uploaded to the coordinator for ${owner}.`
          return { request: ownRequest(row, operations, [...manifests]), note: { reason, actor: by } }
        },
        { rows, hashes },
      )
      refuseRefused(uploaded, `${path} can't be uploaded`)
      // By id, not by path: a node may have moved it on already.
      return metadata.read((tx) => entryMeant(tx, folder, { entry: target }))
    },
  }
}

function entryOf(operation: Operation): EntryId {
  return operation.kind === 'offer' ? operation.state.id : operation.entry
}

async function operationsFor(
  tx: MetadataReader,
  { folder, path, content, counter }: { folder: FolderId; path: string; content: FileContent; counter: number },
): Promise<Operation[]> {
  const segments = segmentsOf(path)
  const operations: Operation[] = []
  let parent: EntryId = ROOT_ID
  for (const [depth, name] of segments.entries()) {
    const next = counter + operations.length * OWN_COUNTER_STEP
    const last = depth === segments.length - 1
    // Below a directory that is yet to be made there is nothing to find.
    const found: EntryState | undefined =
      operations.length > 0 ? undefined : (await tx.entriesAt(folder, [{ parent, name }]))[0]
    if (found !== undefined && (found.content.kind === 'directory') === last) {
      throw new SyncError('already-exists', `${path}: ${name} is a ${found.content.kind}`)
    }
    if (found === undefined) {
      const entry = entryIdOf(COORDINATOR_ID, next)
      const made = last ? content : { kind: 'directory' as const, mode: DIRECTORY_MODE }
      operations.push({ kind: 'create', counter: next, entry, place: { parent, name }, content: made })
      parent = entry
    } else if (last) {
      const edited = found.content.kind === 'file' ? { ...content, mode: found.content.mode } : content
      operations.push(editing(found, edited, next))
    } else parent = found.id
  }
  return operations
}
