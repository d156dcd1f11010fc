import { hash as hashOf } from 'node:crypto'
import { setImmediate as breathe } from 'node:timers/promises'
import { bucketOf, entryDigest, toldState } from '@causeway/engine'
import {
  LIMITS,
  type DigestEntriesRequest,
  type DigestEntriesResponse,
  type DigestPosition,
  type DigestRequest,
  type DigestResponse,
  type EntryId,
  type EntryState,
  type FolderId,
  type NodeId,
} from '@causeway/protocol'
import type { FolderRow, MetadataReader } from '@causeway/store'
import type { Clock } from '@causeway/time'
import type { LogPorts } from './ports.ts'
import { folderOf } from './commit.ts'

/** How a node finds out whether it believes what this coordinator holds; see `docs/spec/digest.md`. */
export interface Digests {
  /** Says whether a node's sum is that of the folder, where the node stands at the log's head. */
  compare(folder: FolderId, node: NodeId, request: DigestRequest): Promise<DigestResponse>
  /** The live entries of some buckets with their digests, a page at a time. */
  entries(folder: FolderId, request: DigestEntriesRequest): Promise<DigestEntriesResponse>
  /** Entries in full, live or deleted, about which a node and this coordinator disagree. */
  states(folder: FolderId, node: NodeId, ids: readonly EntryId[]): Promise<readonly EntryState[]>
}

/** Entries summed up in one transaction. */
const COUNTED_AT_ONCE = 1000
/** Directories that one page looks through. */
const DIRECTORIES_PER_PAGE = 20_000
/** However often nodes ask for it. */
const RECOUNT_EVERY_MS = 10 * 60_000
/** However often a node differs. */
const LOG_EVERY_MS = 10_000
const MOST_NAMED = 5

const sha256 = (text: string): Uint8Array => hashOf('sha256', text, 'buffer')

export function createDigests({ metadata, clock, log }: LogPorts): Digests {
  const counting = new Set<FolderId>()
  const mayRecount = createLimit(clock, RECOUNT_EVERY_MS)
  const mayLog = createLimit(clock, LOG_EVERY_MS)

  /** Nobody waits for it: whoever asked asks again. */
  function count(folder: FolderId, anew: boolean): void {
    if (counting.has(folder)) return
    counting.add(folder)
    countAll(folder, anew)
      .catch((error: unknown) => log.warn({ err: error, folder }, 'could not sum up what a folder holds'))
      .finally(() => counting.delete(folder))
  }

  /** A transaction at a time, so that commits get their turn in between. */
  async function countAll(folder: FolderId, anew: boolean): Promise<void> {
    if (anew) await metadata.write((tx) => tx.forgetDigest(folder))
    while (!(await metadata.write((tx) => tx.countDigest(folder, COUNTED_AT_ONCE), folder))) await breathe()
  }

  return {
    async compare(folder, node, { cursor, whole, recount = false }) {
      if (recount && mayRecount(folder)) count(folder, true)
      if (counting.has(folder)) return { kind: 'not-now' }
      const { row, sums } = await metadata.read(async (tx) => {
        return { row: await folderOf(tx, folder), sums: await tx.digest(folder) }
      })
      if (!isAtHead(cursor, row)) return { kind: 'not-now' }
      if (sums === undefined) {
        count(folder, false)
        return { kind: 'not-now' }
      }
      if (Buffer.compare(sums.whole(), whole) === 0) return { kind: 'equal' }
      if (mayLog(`${node} ${folder}`))
        log.warn(
          { folder, node, seq: row.head },
          'a node believes that this folder holds something else: it reads again',
        )
      return { kind: 'differs', sums: sums.toBytes() }
    },
    entries: (folder, { buckets, after }) =>
      metadata.read(async (tx) => {
        const { states, next } = await page(tx, folder, new Set(buckets), after)
        const digests = Buffer.concat(states.map((state) => entryDigest(sha256, state)))
        return { entries: states.map(({ id }) => id), digests, next }
      }),
    async states(folder, node, ids) {
      const states = await metadata.read((tx) => tx.entries(folder, ids))
      if (mayLog(`${node} ${folder} entries`)) {
        const named = states.slice(0, MOST_NAMED).map(({ id, name }) => `${id} (${name})`)
        log.warn({ folder, node, entries: ids.length, named }, 'a node believed something else of these entries')
      }
      return states.map(toldState)
    },
  }
}

/** Says yes once in a while for each key; keys are of nodes and folders that are known, and so are few. */
function createLimit(clock: Clock, everyMs: number): (key: string) => boolean {
  const last = new Map<string, number>()
  return (key) => {
    const now = clock.now()
    if (Math.abs(now - (last.get(key) ?? -Infinity)) < everyMs) return false
    last.set(key, now)
    return true
  }
}

function isAtHead({ epoch, seq, tag }: DigestRequest['cursor'], row: FolderRow): boolean {
  if (seq !== row.head) return false
  return seq === 0 || (epoch === row.epoch && tag === row.tag)
}

/** Directory by directory, and what lies in each by name: both are indexes, so nothing else is read. */
async function page(
  tx: MetadataReader,
  folder: FolderId,
  buckets: ReadonlySet<number>,
  after: DigestPosition | null,
): Promise<{ readonly states: readonly EntryState[]; readonly next: DigestPosition | null }> {
  const states: EntryState[] = []
  const directories = await tx.directoriesAfter(folder, after?.parent ?? '', DIRECTORIES_PER_PAGE)
  let next = after
  for (const parent of after === null ? directories : [after.parent, ...directories]) {
    const name = parent === after?.parent ? after.name : ''
    next = { parent, name }
    if (!buckets.has(bucketOf(parent))) continue
    const limit = LIMITS.digestsPerPage - states.length
    const children = await tx.children(folder, parent, { after: name, limit })
    states.push(...children)
    next = { parent, name: children.at(-1)?.name ?? name }
    if (children.length === limit) return { states, next }
  }
  return { states, next: directories.length < DIRECTORIES_PER_PAGE ? null : next }
}
