import {
  check,
  ERROR_CODES,
  ErrorBodySchema,
  foreignAnswer,
  SyncError,
  unreachableReason,
  type ErrorCode,
} from '@causeway/protocol'
import type { z } from 'zod'

export type Query = Readonly<Record<string, string | number | readonly string[] | undefined>>

export interface Http {
  /** A call whose answer fits a schema. Throws what the coordinator refused with; `offline` where it did not answer. */
  json<Schema extends z.ZodType>(
    method: string,
    path: string,
    schema: Schema,
    given?: { query?: Query; body?: unknown },
  ): Promise<z.infer<Schema>>
  /** A call that answers with bytes. */
  bytes(path: string, query?: Query, range?: string): Promise<Response>
  /** A call with a body that is neither JSON nor a form. */
  raw<Schema extends z.ZodType>(
    method: string,
    path: string,
    schema: Schema,
    given: { readonly type: string; readonly body: Blob },
  ): Promise<z.infer<Schema>>
  form<Schema extends z.ZodType>(path: string, schema: Schema, form: FormData): Promise<z.infer<Schema>>
}

export interface HttpOptions {
  readonly url: string
  readonly token?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

export function createHttp({ url, token, fetch: given }: HttpOptions): Http {
  const send = given ?? globalThis.fetch.bind(globalThis)

  async function call(
    path: string,
    query: Query,
    init: { method: string; headers: Record<string, string>; body?: string | FormData | Blob },
  ): Promise<Response> {
    const address = new URL(path, url)
    for (const [name, value] of Object.entries(query)) {
      // Several values stand one after the other, under the same name.
      for (const one of [value ?? []].flat()) address.searchParams.append(name, String(one))
    }
    const headers = { ...init.headers, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
    let response: Response
    try {
      response = await send(address, { ...init, headers })
    } catch (cause) {
      throw new SyncError('offline', unreachableReason(address.href, cause), { cause })
    }
    if (!response.ok) throw await refusal(response, address.href)
    return response
  }

  async function parsed<Schema extends z.ZodType>(response: Response, schema: Schema): Promise<z.infer<Schema>> {
    return check(schema, await response.json())
  }

  return {
    async json(method, path, schema, { query = {}, body } = {}) {
      const headers = { accept: 'application/json', ...(body !== undefined && { 'content-type': 'application/json' }) }
      return parsed(
        await call(path, query, { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) }),
        schema,
      )
    },
    bytes: (path, query = {}, range) =>
      call(path, query, { method: 'GET', headers: range === undefined ? {} : { range } }),
    raw: async (method, path, schema, { type, body }) =>
      parsed(
        await call(path, {}, { method, headers: { 'content-type': type, accept: 'application/json' }, body }),
        schema,
      ),
    form: async (path, schema, form) =>
      parsed(await call(path, {}, { method: 'POST', headers: {}, body: form }), schema),
  }
}

async function refusal(response: Response, url: string): Promise<SyncError> {
  const body = ErrorBodySchema.safeParse(await response.json().catch(() => null))
  // Something on the way answered in the coordinator's stead.
  if (!body.success) return new SyncError('offline', foreignAnswer(url, response.status))
  const { code, message } = body.data.error
  return new SyncError(isErrorCode(code) ? code : 'internal', message)
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}
