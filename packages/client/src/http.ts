import {
  ERROR_CODES,
  ErrorBodySchema,
  foreignAnswer,
  SyncError,
  unreachableReason,
  type ErrorCode,
} from '@causeway/protocol'

export interface HttpRequest {
  readonly method: string
  readonly path: string
  /** A list is sent as several values under one name; what is undefined is left out. */
  readonly query: object
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | FormData | Blob
}

export interface Http {
  /** A call that was taken. Throws what the coordinator refused with; `offline` where it did not answer. */
  send(request: HttpRequest): Promise<Response>
}

export interface HttpOptions {
  readonly url: string
  readonly token?: string | undefined
  readonly fetch?: typeof fetch | undefined
}

export function createHttp({ url, token, fetch: given }: HttpOptions): Http {
  const send = given ?? globalThis.fetch.bind(globalThis)
  const authorization = token === undefined ? {} : { authorization: `Bearer ${token}` }
  return {
    async send({ method, path, query, headers, body }) {
      const address = new URL(path, url)
      for (const [name, value] of valuesOf(query)) address.searchParams.append(name, value)
      const init = { method, headers: { ...headers, ...authorization }, ...(body !== undefined && { body }) }
      let response: Response
      try {
        response = await send(address, init)
      } catch (cause) {
        throw new SyncError('offline', unreachableReason(address.href, cause), { cause })
      }
      if (!response.ok) throw await refusal(response, address.href)
      return response
    },
  }
}

function valuesOf(query: object): (readonly [name: string, value: string])[] {
  const parts = Object.entries(query).filter((part): part is [string, unknown] => part[1] !== undefined)
  return parts.flatMap(([name, value]) => [value].flat().map((one) => [name, String(one)] as const))
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
