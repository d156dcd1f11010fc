import { createHash } from 'node:crypto'
import { HistoryResponseSchema } from '@causeway/protocol'
import { eventsAfter, get } from '../support/api.ts'
import type { Coordinator } from '../support/coordinator.ts'
import type { Tree } from '../support/tree.ts'

interface Where {
  readonly folder: string
  /** Entries that were touched after this position are looked at. */
  readonly after: number
}

/** Which contents of files the coordinator can't give out whole: each version is fetched and hashed. */
export async function contentsNotKept(
  coordinator: Pick<Coordinator, 'url'>,
  where: Where,
  wanted: readonly Tree[],
): Promise<string[]> {
  const versions = await versionsOf(coordinator, where)
  const kept = new Set(versions.map(({ fetched }) => fetched))
  return wanted.flatMap((tree) =>
    [...tree].flatMap(([path, entry]) =>
      entry.kind === 'file' && !kept.has(entry.sha256) ? [`the coordinator no longer has what ${path} held`] : [],
    ),
  )
}

/** Which versions the history names and the coordinator can't give out. */
export async function versionsNotReadable(coordinator: Pick<Coordinator, 'url'>, where: Where): Promise<string[]> {
  const versions = await versionsOf(coordinator, where)
  return versions.flatMap(({ seq, hash, fetched }) =>
    hash === fetched ? [] : [`version ${seq} is in the history, but its content is not there: ${fetched}`],
  )
}

async function versionsOf(coordinator: Pick<Coordinator, 'url'>, { folder, after }: Where) {
  const events = await eventsAfter(coordinator, after)
  const entries = new Set(events.flatMap(({ entry }) => (entry === null ? [] : [entry])))
  const found: { seq: number; hash: string; fetched: string }[] = []
  for (const entry of entries) {
    const query = { entry, limit: 1000 }
    const { versions } = await get(coordinator, `/api/v1/folders/${folder}/history`, HistoryResponseSchema, query)
    for (const { seq, content } of versions) {
      if (content.kind !== 'file') continue
      found.push({ seq, hash: content.hash, fetched: await hashOf(coordinator, folder, seq) })
    }
  }
  return found
}

async function hashOf({ url }: Pick<Coordinator, 'url'>, folder: string, seq: number): Promise<string> {
  const response = await fetch(new URL(`/api/v1/folders/${folder}/versions/${seq}/content`, url))
  const bytes = Buffer.from(await response.arrayBuffer())
  return response.ok ? createHash('sha256').update(bytes).digest('hex') : `${response.status} ${bytes.toString()}`
}
