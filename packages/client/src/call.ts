import {
  check,
  isJson,
  pathOf,
  type BodyFor,
  type Form,
  type ParamsFor,
  type QueryFor,
  type Raw,
  type Route,
} from '@causeway/protocol'
import type { z } from 'zod'
import type { Http, HttpRequest } from './http.ts'

type JsonRoute = Route & { readonly response: z.ZodType }
type RawRoute = Route & { readonly response: Raw }

/** What a caller gives to a route: its parameters, its query and its body, where it has them. */
export type GivenTo<R> = PathPart<R> & QueryPart<R> & BodyPart<R>

type PathPart<R> = R extends { readonly params: z.ZodType } ? { readonly params: ParamsFor<R> } : object
type QueryPart<R> = R extends { readonly query: z.ZodType }
  ? object extends QueryFor<R>
    ? { readonly query?: QueryFor<R> | undefined }
    : { readonly query: QueryFor<R> }
  : object
type BodyPart<R> = R extends { readonly body: Form }
  ? { readonly body: FormData }
  : R extends { readonly body: Raw }
    ? { readonly body: Blob }
    : R extends { readonly body: z.ZodType }
      ? { readonly body: BodyFor<R> }
      : object

/** A call whose answer is JSON, checked against the route's schema. */
export async function call<R extends JsonRoute>(
  http: Http,
  route: R,
  given: GivenTo<R>,
): Promise<z.output<R['response']>> {
  const response = await http.send(requestOf(route, given, { accept: 'application/json' }))
  return check<R['response']>(route.response, await response.json())
}

/** A call that answers with bytes. */
export async function callForBytes<R extends RawRoute>(
  http: Http,
  route: R,
  given: GivenTo<R> & { readonly range?: string | undefined },
): Promise<Response> {
  return http.send(requestOf(route, given, {}))
}

interface Parts {
  readonly params?: object
  readonly query?: object | undefined
  readonly body?: unknown
  /** Which bytes of the answer. */
  readonly range?: string | undefined
}

function requestOf(route: Route, given: Parts, accepts: Record<string, string>): HttpRequest {
  const { params = {}, query = {}, body, range } = given
  const headers = range === undefined ? accepts : { ...accepts, range }
  const to = { method: route.method, path: pathOf(route, params), query }
  if (route.body === undefined || body === undefined) return { ...to, headers }
  if (body instanceof FormData) return { ...to, headers, body }
  if (isJson(route.body))
    return { ...to, headers: { ...headers, 'content-type': 'application/json' }, body: JSON.stringify(body) }
  if (body instanceof Blob && route.body.kind === 'raw')
    return { ...to, headers: { ...headers, 'content-type': route.body.type }, body }
  throw new TypeError(`${route.path} takes a body of another kind`)
}
