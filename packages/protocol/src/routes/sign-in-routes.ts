import { z } from 'zod'
import { InviteRequestSchema, InviteResponseSchema, OkSchema, OpenInviteSchema } from '../rest.ts'
import { SessionRequestSchema, SessionViewSchema, SignInLinkSchema, SignInWaysSchema } from '../people.ts'
import { EnrolRequestSchema, EnrolResponseSchema } from '../sign-in.ts'
import { raw, route } from './route.ts'

const tags = ['sign-in'] as const

/** Sign-in of people, and the invites by which machines join. */
export const SIGN_IN_ROUTES = {
  ways: route({
    method: 'GET',
    path: '/api/v1/sign-in',
    access: 'public',
    tags,
    summary: 'By what ways people sign in',
    response: SignInWaysSchema,
  }),
  /** Leads to the provider, and back to `openIdCallback`. */
  openId: route({
    method: 'GET',
    path: '/api/v1/sign-in/openid',
    access: 'public',
    tags,
    summary: 'Sign in by OpenID Connect',
    response: raw('text/plain'),
  }),
  openIdCallback: route({
    method: 'GET',
    path: '/api/v1/sign-in/openid/callback',
    access: 'public',
    tags,
    summary: 'Where the OpenID Connect provider leads back to',
    response: raw('text/plain'),
  }),
  signIn: route({
    method: 'POST',
    path: '/api/v1/session',
    access: 'public',
    tags,
    summary: 'Sign in; the answer sets the cookie of a session',
    body: SessionRequestSchema,
    response: OkSchema,
  }),
  session: route({
    method: 'GET',
    path: '/api/v1/session',
    access: 'person',
    tags,
    summary: 'Who has signed in, and what they may do',
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
  /** For whoever comes by the admin token itself: a session must not be able to make another. */
  makeLink: route({
    method: 'POST',
    path: '/api/v1/session/link',
    access: 'admin',
    tags,
    summary: 'Create a link that signs a browser in as the owner of the machine, once',
    response: SignInLinkSchema,
  }),
  invite: route({
    method: 'POST',
    path: '/api/v1/invites',
    access: 'admin',
    tags,
    summary: 'Create a join link',
    body: InviteRequestSchema,
    response: InviteResponseSchema,
  }),
  invites: route({
    method: 'GET',
    path: '/api/v1/invites',
    access: 'admin',
    tags,
    summary: 'Join links that can still be used',
    response: z.array(OpenInviteSchema),
  }),
  revokeInvite: route({
    method: 'DELETE',
    path: '/api/v1/invites/:id',
    access: 'admin',
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
