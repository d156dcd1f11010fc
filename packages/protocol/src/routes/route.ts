import type { z } from 'zod'
import type { FolderRight } from '../rights.ts'

/**
 * Who may use a route.
 *
 * - `public`: anybody. - `admin`: an admin.
 * - `person`: a signed-in person; the answer holds only what they may see.
 * - `node`: a signed-in node; in a folder's route, one that carries the folder.
 * - `member`: such a node, or a person with the right in the folder.
 */
export type RouteAccess = 'public' | 'admin' | 'person' | 'node' | 'member'

/** A message of the node link, in CBOR. */
export interface Cbor<Message extends z.ZodType = z.ZodType> {
  readonly kind: 'cbor'
  readonly message: Message
}

/** Bytes or text of a media type, streamed; without one, whatever the file is. */
export interface Raw {
  readonly kind: 'raw'
  readonly type: string
}

/** `multipart/form-data` with one file and these fields. */
export interface Form<Fields extends z.ZodType = z.ZodType> {
  readonly kind: 'form'
  readonly fields: Fields
}

/** An upgrade to a WebSocket. */
export interface Socket {
  readonly kind: 'socket'
}

interface RouteShape {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** With `:name` for each parameter. */
  readonly path: `/${string}`
  /** The group under which the documentation lists it. */
  readonly tags: readonly [string]
  /** What it does, in one line of the documentation. */
  readonly summary: string
  readonly params?: z.ZodObject
  readonly query?: z.ZodObject
  /** JSON by a schema, or another kind. */
  readonly body?: z.ZodType | Cbor | Raw | Form
  /** What a body may take, where that is not what every route allows. */
  readonly bodyLimit?: number
  readonly response: z.ZodType | Cbor | Raw | Socket
  /** What it answers with another status, beside errors. */
  readonly otherwise?: Readonly<Record<number, z.ZodType>>
}

/**
 * One route of the coordinator: the server is registered from it, clients call
 * by it, and the tests of who may do what are made from it. `right` is what a
 * node needs in the folder that the path names.
 */
export type Route = RouteShape &
  (
    | { readonly access: 'public' | 'admin' | 'person'; readonly right?: never }
    | { readonly access: 'node' | 'member'; readonly right?: FolderRight }
  )

/** A route as it is written down, with every part of its type kept. */
export function route<const Given extends Route>(given: Given): Given {
  return given
}

export function cbor<Message extends z.ZodType>(message: Message): Cbor<Message> {
  return { kind: 'cbor', message }
}

export function raw(type: string): Raw {
  return { kind: 'raw', type }
}

export function form<Fields extends z.ZodType>(fields: Fields): Form<Fields> {
  return { kind: 'form', fields }
}

/** A file's own bytes: always sent as bytes to be saved, whatever they are. */
export const FILE_BYTES = raw('application/octet-stream')
export const SOCKET: Socket = { kind: 'socket' }

/** True for a schema: a body or an answer that is JSON. */
export function isJson(part: z.ZodType | Cbor | Raw | Form | Socket): part is z.ZodType {
  return !('kind' in part)
}

/** Whether the path names a folder: then a node needs a right in it. */
export function namesFolder({ path }: { readonly path: string }): boolean {
  return /:folder(\/|$)/.test(path)
}
