import type { z } from 'zod'
import {
  ERROR_CODES,
  ErrorBodySchema,
  SyncError,
  check,
  foreignAnswer,
  type BodyFor,
  type ErrorCode,
  type Route,
} from '@causeway/protocol'
import type { HttpAnswer, HttpExchange } from './http-exchange.ts'

/** A route without parameters, with JSON both ways. */
type JsonRoute = Route & { readonly method: 'POST'; readonly body: z.ZodType; readonly response: z.ZodType }

/** One JSON request with a checked answer. Throws what the coordinator refused with, or `offline`. */
export async function callJson<R extends JsonRoute>(
  exchange: Pick<HttpExchange, 'send'>,
  route: R,
  message: BodyFor<R>,
): Promise<z.infer<R['response']>> {
  const { method, path } = route
  const answer = await exchange.send({
    method,
    path,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: Buffer.from(JSON.stringify(message)),
  })
  if ((answer.status !== 200 && answer.status !== 201) || answer.type !== 'application/json') throw refusalOf(answer)
  try {
    return check<R['response']>(route.response, parseJson(answer.bytes))
  } catch (cause) {
    throw new SyncError('protocol-mismatch', `the answer to ${path} cannot be read: ${messageOf(cause)}`, { cause })
  }
}

/**
 * The error behind an answer that is no success. The coordinator says what is
 * wrong in JSON; anything else comes from something on the way, so that the
 * coordinator itself was not reached.
 */
export function refusalOf(answer: HttpAnswer): SyncError {
  if (answer.type === 'application/json' && answer.status >= 400) {
    const said = ErrorBodySchema.safeParse(parseJson(answer.bytes))
    if (said.success) {
      const { code, message } = said.data.error
      return new SyncError(isErrorCode(code) ? code : 'internal', message)
    }
  }
  return new SyncError('offline', foreignAnswer(answer.url, answer.status))
}

export function messageOf(cause: unknown): string {
  return cause instanceof Error ? cause.message : String(cause)
}

function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERROR_CODES, code)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString('utf8'))
  } catch {
    return undefined
  }
}
