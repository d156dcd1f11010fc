import { z } from 'zod'
import {
  InviteRequestSchema,
  InviteResponseSchema,
  OkSchema,
  OpenInviteSchema,
  SessionRequestSchema,
  SessionViewSchema,
} from '../rest.ts'
import { EnrolRequestSchema, EnrolResponseSchema } from '../sign-in.ts'
import { route } from './route.ts'

const tags = ['sign-in'] as const

/** Sign-in of people, and the invites by which machines join. */
export const SIGN_IN_ROUTES = {
  signIn: route({
    method: 'POST',
    path: '/api/v1/session',
    access: 'public',
    tags,
    summary: 'Sign in; the answer sets a cookie that stands for the token from then on',
    body: SessionRequestSchema,
    response: OkSchema,
  }),
  session: route({
    method: 'GET',
    path: '/api/v1/session',
    access: 'person',
    tags,
    summary: 'Whether this session can be ended',
    response: SessionViewSchema,
  }),
  signOut: route({
    method: 'DELETE',
    path: '/api/v1/session',
    access: 'person',
    tags,
    summary: 'End the session of the cookie, in every tab',
    response: OkSchema,
  }),
  invite: route({
    method: 'POST',
    path: '/api/v1/invites',
    access: 'person',
    tags,
    summary: 'Create a join link',
    body: InviteRequestSchema,
    response: InviteResponseSchema,
  }),
  invites: route({
    method: 'GET',
    path: '/api/v1/invites',
    access: 'person',
    tags,
    summary: 'Join links that can still be used',
    response: z.array(OpenInviteSchema),
  }),
  revokeInvite: route({
    method: 'DELETE',
    path: '/api/v1/invites/:id',
    access: 'person',
    tags,
    summary: 'Revoke a join link',
    params: z.object({ id: z.string().max(64) }),
    response: OkSchema,
  }),
  enrol: route({
    method: 'POST',
    path: '/api/v1/enrol',
    access: 'public',
    tags,
    summary: 'Join with the secret of a link',
    body: EnrolRequestSchema,
    response: EnrolResponseSchema,
  }),
}
