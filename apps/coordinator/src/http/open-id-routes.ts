import type { FastifyReply, FastifyRequest } from 'fastify'
import * as openId from 'openid-client'
import { z } from 'zod'
import { isSyncError, ROUTES, type GrantedRole } from '@causeway/protocol'
import { placeOf } from '../access/gate.ts'
import { isLoopback } from '../access/host-check.ts'
import type { Coordinator } from '../coordinator.ts'
import { createLetVouchedIn, type Vouched } from '../people/open-id.ts'
import type { App } from './app.ts'
import { serveRoute } from './serve-route.ts'
import { setSessionCookie } from './session-cookie.ts'

/** A provider by which people sign in. */
export interface OpenIdSettings {
  readonly issuer: string
  readonly clientId: string
  readonly clientSecret: string
  /** What the button says. */
  readonly name: string
  /** What those get whom nobody invited; empty keeps them out. */
  readonly forEverybody: readonly GrantedRole[]
}

const { signIn: SIGN_IN } = ROUTES
const PATH = SIGN_IN.openId.path
const COOKIE = 'causeway-openid'
const MINUTES = 10

/** What a browser brings back from the provider: ties the answer to the one who asked. */
const UnderWaySchema = z.object({ state: z.string(), nonce: z.string(), verifier: z.string() })

/** Sign-in by OpenID Connect: authorization code with PKCE, state and nonce. */
export function addOpenIdRoutes(app: App, coordinator: Coordinator, settings: OpenIdSettings): void {
  const letIn = createLetVouchedIn(coordinator.context, settings.forEverybody)
  const { log } = coordinator.context
  let known: Promise<openId.Configuration> | undefined

  /** Asked of the provider when it is first needed, and again where that failed: it may be down when we start. */
  function provider(): Promise<openId.Configuration> {
    known ??= discover(settings).catch((error: unknown) => {
      known = undefined
      throw error
    })
    return known
  }

  serveRoute(app, SIGN_IN.openId, async (request, reply) => {
    const verifier = openId.randomPKCECodeVerifier()
    const underWay = { state: openId.randomState(), nonce: openId.randomNonce(), verifier }
    try {
      const to = openId.buildAuthorizationUrl(await provider(), {
        redirect_uri: callbackOf(request),
        scope: 'openid email profile',
        code_challenge: await openId.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state: underWay.state,
        nonce: underWay.nonce,
      })
      reply.setCookie(COOKIE, Buffer.from(JSON.stringify(underWay)).toString('base64url'), {
        httpOnly: true,
        // The provider's page leads back here: that is a request from another site.
        sameSite: 'lax',
        secure: request.protocol === 'https',
        path: PATH,
        maxAge: MINUTES * 60,
      })
      return await reply.redirect(to.href)
    } catch (error) {
      log.warn({ err: error, issuer: settings.issuer }, 'the OpenID Connect provider could not be asked')
      return reply.redirect('/#sign-in-unavailable')
    }
  })

  serveRoute(app, SIGN_IN.openIdCallback, async (request, reply) => {
    const underWay = underWayOf(request)
    reply.clearCookie(COOKIE, { path: PATH })
    if (underWay === undefined) return reply.redirect('/#sign-in-refused')
    try {
      const vouched = await vouchedOf(request, await provider(), underWay)
      setSessionCookie(request, reply, await letIn(vouched, placeOf(request)))
      return await reply.redirect('/')
    } catch (error) {
      return refused(error, reply)
    }
  })

  function refused(error: unknown, reply: FastifyReply): FastifyReply {
    if (!isSyncError(error, 'not-allowed')) log.warn({ err: error }, 'a sign-in by OpenID Connect failed')
    return reply.redirect(isSyncError(error, 'not-allowed') ? '/#sign-in-not-invited' : '/#sign-in-refused')
  }
}

function discover({ issuer, clientId, clientSecret }: OpenIdSettings): Promise<openId.Configuration> {
  const url = new URL(issuer)
  // In the open only where nobody else listens.
  const isHere = url.protocol === 'http:' && isLoopback(url.hostname)
  return openId.discovery(
    url,
    clientId,
    clientSecret,
    undefined,
    isHere ? { execute: [openId.allowInsecureRequests] } : {},
  )
}

/** The address that was asked, which the check of hosts has let pass. */
function callbackOf(request: FastifyRequest): string {
  return `${request.protocol}://${request.host}${SIGN_IN.openIdCallback.path}`
}

function underWayOf(request: FastifyRequest): z.infer<typeof UnderWaySchema> | undefined {
  try {
    return UnderWaySchema.parse(JSON.parse(Buffer.from(request.cookies[COOKIE] ?? '', 'base64url').toString()))
  } catch {
    return undefined
  }
}

async function vouchedOf(
  request: FastifyRequest,
  provider: openId.Configuration,
  { state, nonce, verifier }: z.infer<typeof UnderWaySchema>,
): Promise<Vouched> {
  const current = new URL(request.url, callbackOf(request))
  const tokens = await openId.authorizationCodeGrant(provider, current, {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  const claims = tokens.claims()
  if (claims === undefined) throw new TypeError('the provider sent no id token')
  const more = await openId.fetchUserInfo(provider, tokens.access_token, claims.sub)
  const email = more.email_verified === true ? (more.email ?? null) : null
  const name = more.name ?? more.preferred_username ?? null
  return { subject: `${claims.iss} ${claims.sub}`, email, name }
}
