import { compare, merge } from '@causeway/engine'
import {
  COORDINATOR_ID,
  LIMITS,
  type Actor,
  SyncError,
  type AsOfResponse,
  type CompareResponse,
  type EntryId,
  type FolderId,
  type HistoryResponse,
  type VersionView,
} from '@causeway/protocol'
import type { MetadataReader, VersionRow } from '@causeway/store'
import { entryMeant, folderOf, pathIn } from '@causeway/log'
import type { Context } from '../ports/context.ts'

export interface Target {
  readonly path?: string | undefined
  readonly entry?: EntryId | undefined
}

export interface History {
  /** An entry's versions, newest first, through all its renames. */
  versions(
    folder: FolderId,
    target: Target,
    page: { before?: number | undefined; limit: number },
  ): Promise<HistoryResponse>
  version(folder: FolderId, seq: number): Promise<VersionRow>
  compare(folder: FolderId, a: number, b: number): Promise<CompareResponse>
  /** The whole folder as it stood at a moment or a log position, by path. */
  asOf(
    folder: FolderId,
    when: { at?: string | undefined; seq?: number | undefined },
    page: { after?: string | undefined; limit: number },
  ): Promise<AsOfResponse>
}

export function createHistory({ metadata }: Context): History {
  return {
    versions: (folder, target, { before, limit }) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        const state = await entryMeant(tx, folder, target)
        const page = { limit: limit + 1, ...(before !== undefined && { before }) }
        const found = await tx.versions(folder, state.id, page)
        const rows = found.slice(0, limit)
        const next = found.length > limit ? (rows.at(-1)?.seq ?? null) : null
        return { entry: state.id, versions: await versionViews(tx, folder, rows), next }
      }),
    version: (folder, seq) => metadata.read((tx) => versionOf(tx, folder, seq)),
    compare: (folder, seqA, seqB) =>
      metadata.read(async (tx) => {
        const a = await versionOf(tx, folder, seqA)
        const b = await versionOf(tx, folder, seqB)
        const [viewA, viewB] = await versionViews(tx, folder, [a, b])
        if (viewA === undefined || viewB === undefined) throw new SyncError('internal', 'a version has no view')
        return {
          a: viewA,
          b: viewB,
          order: compare(vectorOf(a), vectorOf(b)),
          sameContent: JSON.stringify(a.state.content) === JSON.stringify(b.state.content),
          samePlace: a.state.parent === b.state.parent && a.state.name === b.state.name,
        }
      }),
    asOf: (folder, when, { after, limit }) =>
      metadata.read(async (tx) => {
        const { head } = await folderOf(tx, folder)
        const seq = Math.min(
          head,
          when.seq ?? (when.at === undefined ? head : await tx.seqAtTime(folder, canonical(when.at))),
        )
        const versions = await standingAt(tx, folder, seq)
        const known = new Map([...versions.values()].map(({ state }) => [state.id, state]))
        const all = [...versions.values()]
          .filter(({ state }) => !state.deleted)
          .map((row) => viewOf(row, pathIn(known, row.state)))
          .filter(({ path }) => after === undefined || path > after)
          .toSorted((x, y) => (x.path < y.path ? -1 : 1))
        const page = all.slice(0, limit)
        return { seq, entries: page, next: all.length > limit ? (page.at(-1)?.path ?? null) : null }
      }),
  }
}

/** Each entry's version at a log position, deleted ones included. */
export async function standingAt(tx: MetadataReader, folder: FolderId, seq: number): Promise<Map<EntryId, VersionRow>> {
  const versions = new Map<EntryId, VersionRow>()
  for await (const row of tx.versionsAsOf(folder, seq)) versions.set(row.entry, row)
  return versions
}

/** Times compare as text only in one form. */
export function canonical(at: string): string {
  return new Date(at).toISOString()
}

async function versionOf(tx: MetadataReader, folder: FolderId, seq: number): Promise<VersionRow> {
  const row = await tx.version(folder, seq)
  if (row === undefined) throw new SyncError('not-found', `${folder} has no version ${seq}, or keeps it no longer`)
  return row
}

/** Paths of old versions: the name is the old one, the directories above are named as they are today. */
async function versionViews(tx: MetadataReader, folder: FolderId, rows: readonly VersionRow[]): Promise<VersionView[]> {
  const parents = [...new Set(rows.map(({ state }) => state.parent))]
  const above = [...(await tx.entries(folder, parents)), ...(await tx.ancestors(folder, parents))]
  const known = new Map(above.map((state) => [state.id, state]))
  const actors = await actorsOf(tx, folder, rows)
  return rows.map((row) => {
    const actor = row.node === COORDINATOR_ID ? actors.get(row.counter) : undefined
    return { ...viewOf(row, pathIn(known, row.state)), ...(actor !== undefined && { actor }) }
  })
}

/** Who is behind versions that are the coordinator's, by its counter: their events say. */
async function actorsOf(
  tx: MetadataReader,
  folder: FolderId,
  rows: readonly VersionRow[],
): Promise<ReadonlyMap<number, Actor>> {
  const actors = new Map<number, Actor>()
  const entries = new Set(rows.flatMap(({ node, entry }) => (node === COORDINATOR_ID ? [entry] : [])))
  for (const entry of entries) {
    const filter = { folder, entry, node: COORDINATOR_ID }
    const events = await tx.eventsBefore(undefined, filter, LIMITS.itemsPerPage)
    for (const { counter, actor } of events) if (actor !== undefined) actors.set(counter, actor)
  }
  return actors
}

function viewOf({ seq, entry, registers, state, node, counter, at }: VersionRow, path: string): VersionView {
  return {
    seq,
    entry,
    path,
    registers: [...registers],
    content: state.content,
    deleted: state.deleted,
    node,
    counter,
    at,
  }
}

function vectorOf({ state }: VersionRow) {
  return merge(merge(state.contentVector, state.placeVector), state.existenceVector)
}
