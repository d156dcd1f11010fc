import {
  check,
  EventsResponseSchema,
  HistoryResponseSchema,
  type HistoryEvent,
  type HistoryResponse,
} from '@causeway/protocol'
import type { z } from 'zod'
import type { Coordinator } from './coordinator.ts'

/** What answers, and what it takes to be let in. */
interface Reached {
  readonly url: string
  readonly token?: string
}

/** One GET of the REST interface, checked against its schema. */
export async function get<Schema extends z.ZodType>(
  coordinator: Reached,
  path: string,
  schema: Schema,
  query: Readonly<Record<string, string | number>> = {},
): Promise<z.infer<Schema>> {
  const url = new URL(path, coordinator.url)
  for (const [name, value] of Object.entries(query)) url.searchParams.set(name, String(value))
  const { token } = coordinator
  const response = await fetch(url, token === undefined ? {} : { headers: { authorization: `Bearer ${token}` } })
  const text = await response.text()
  if (!response.ok) throw new Error(`GET ${url.href} answered ${response.status}: ${text.slice(0, 500)}`)
  return check(schema, JSON.parse(text))
}

/** One POST with a JSON body; the answer's JSON, whatever its status. */
export async function post(
  coordinator: Pick<Coordinator, 'url'>,
  path: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<{ status: number; body: unknown }> {
  const response = await fetch(new URL(path, coordinator.url), {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
  const text = await response.text()
  return { status: response.status, body: text === '' ? null : JSON.parse(text) }
}

/** Every kept event after a position, oldest first. */
export async function eventsAfter(coordinator: Pick<Coordinator, 'url'>, position: number): Promise<HistoryEvent[]> {
  const all: HistoryEvent[] = []
  for (let after = position; ;) {
    const { events } = await get(coordinator, '/api/v1/events', EventsResponseSchema, { after, limit: 1000 })
    all.push(...events)
    const last = events.at(-1)
    if (last === undefined || events.length < 1000) return all
    after = last.position
  }
}

/** The position of the newest event; 0 if there is none. */
export async function lastPosition(coordinator: Pick<Coordinator, 'url'>): Promise<number> {
  return (await eventsAfter(coordinator, 0)).at(-1)?.position ?? 0
}

/** The versions of what is (or last was) at a path, newest first. */
export function historyOf(
  coordinator: Pick<Coordinator, 'url'>,
  folder: string,
  path: string,
): Promise<HistoryResponse> {
  return get(coordinator, `/api/v1/folders/${folder}/history`, HistoryResponseSchema, { path, limit: 1000 })
}
