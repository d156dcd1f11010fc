import type { FastifyReply, FastifyRequest } from 'fastify'
import {
  isJson,
  type AnswerOf,
  type BodyOf,
  type Cbor,
  type ParamsOf,
  type QueryOf,
  type Raw,
  type Route,
} from '@causeway/protocol'
import type WebSocket from 'ws'
import type { App } from './app.ts'
import { readMessage, sendMessage } from './bodies.ts'

/** A request whose parts fit what the route says of them. */
export type RequestOf<R extends Route> = FastifyRequest & {
  readonly params: ParamsOf<R>
  readonly query: QueryOf<R>
  readonly body: BodyOf<R>
}

/** Answers with what the route promises. Bytes a handler sends itself, and so it may a message. */
type Handler<R extends Route> = (request: RequestOf<R>, reply: FastifyReply) => Promise<Answer<R>>

type Answer<R extends Route> = R['response'] extends Raw
  ? FastifyReply | void
  : R['response'] extends Cbor
    ? AnswerOf<R> | FastifyReply
    : AnswerOf<R>

/** What a route answers with that has nothing else to say. */
export const OK = { ok: true } as const

/**
 * Registers a route of the table: its path, who may use it, the schemas that
 * requests are checked by, and its documentation all come from there.
 */
export function serveRoute<R extends Route>(app: App, route: R, handler: Handler<R>): void {
  const { method, path: url, response, bodyLimit, body } = route
  const takesMessage = body !== undefined && !isJson(body) && body.kind === 'cbor' ? body : null
  const answersMessage = !isJson(response) && response.kind === 'cbor'
  app.route({
    method,
    url,
    config: configOf(route),
    schema: schemaOf(route),
    ...(bodyLimit !== undefined && { bodyLimit }),
    async handler(request, reply) {
      if (takesMessage !== null) request.body = readMessage(request, takesMessage.message)
      // The compiler can't follow from the route's own type to what was checked by its schemas above.
      const answer = await handler(request as RequestOf<R>, reply)
      // A handler that must know what its answer took has sent it itself.
      return answersMessage && !reply.sent ? sendMessage(request, reply, answer) : answer
    },
  })
}

/** The same for a WebSocket. */
export function serveSocket(
  app: App,
  route: Route & { readonly method: 'GET' },
  open: (socket: WebSocket, request: FastifyRequest) => void,
): void {
  app.get(route.path, { websocket: true, config: configOf(route), schema: { hide: true } }, open)
}

function configOf({ access, right }: Route) {
  return { access, ...(right !== undefined && { right }) }
}

function schemaOf({ access, tags, summary, params, query, body, response, otherwise = {} }: Route) {
  return {
    tags,
    summary,
    ...(access === 'public' && { security: [] }),
    ...(params !== undefined && { params }),
    ...(query !== undefined && { querystring: query }),
    ...(body !== undefined && isJson(body) && { body }),
    ...(body !== undefined && !isJson(body) && body.kind === 'form' && { consumes: ['multipart/form-data'] }),
    ...(isJson(response) && { response: { 200: response, ...otherwise } }),
  }
}
