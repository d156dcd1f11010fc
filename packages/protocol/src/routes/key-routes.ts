import { FinishRotationRequestSchema, KeyRotationViewSchema } from '../key-pin.ts'
import { route } from './route.ts'

const tags = ['keys'] as const
const KEYS = { access: 'admin', tags, response: KeyRotationViewSchema } as const

/** The replacement of the TLS key that nodes have pinned, in two steps. */
export const KEY_ROUTES = {
  view: route({
    ...KEYS,
    method: 'GET',
    path: '/api/v1/keys',
    summary: 'The pinned TLS key, and one that replaces it',
  }),
  begin: route({
    ...KEYS,
    method: 'POST',
    path: '/api/v1/keys/next',
    summary: 'Make the next key and announce it to nodes',
  }),
  cancel: route({ ...KEYS, method: 'DELETE', path: '/api/v1/keys/next', summary: 'Drop the next key' }),
  finish: route({
    ...KEYS,
    method: 'POST',
    path: '/api/v1/keys/finish',
    summary: 'Use the next key from now on',
    body: FinishRotationRequestSchema,
  }),
}
