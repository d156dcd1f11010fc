import type { z } from 'zod'
import type { Cbor, Raw, Socket } from './route.ts'

/** The same, where lists and objects may be ones that nobody changes. */
export type Given<T> = T extends Scalar | Uint8Array ? T : { readonly [Key in keyof T]: Given<T[Key]> }
type Scalar = string | number | boolean | null | undefined

/** What a handler has: parts of a request that were checked. */
export type ParamsOf<R> = R extends { readonly params: infer S extends z.ZodType } ? z.output<S> : unknown
export type QueryOf<R> = R extends { readonly query: infer S extends z.ZodType } ? z.output<S> : unknown
export type BodyOf<R> = R extends { readonly body: infer S } ? MessageOf<S> : unknown

/** What a handler answers with; nothing where it sends bytes itself. */
export type AnswerOf<R> = R extends { readonly response: Raw | Socket }
  ? never
  : R extends { readonly response: infer S }
    ? Given<MessageInto<S>>
    : never

/** What a caller gives. */
export type ParamsFor<R> = R extends { readonly params: infer S extends z.ZodType } ? z.input<S> : Record<never, never>
export type QueryFor<R> = R extends { readonly query: infer S extends z.ZodType } ? Given<z.input<S>> : undefined
export type BodyFor<R> = R extends { readonly body: infer S } ? Given<MessageInto<S>> : undefined

/** What a caller gets; unknown where it reads bytes itself. */
export type ResultOf<R> = R extends { readonly response: infer S } ? MessageOf<S> : never

type MessageOf<S> = S extends z.ZodType ? z.output<S> : S extends Cbor<infer Message> ? z.output<Message> : unknown
type MessageInto<S> = S extends z.ZodType ? z.input<S> : S extends Cbor<infer Message> ? z.input<Message> : unknown
