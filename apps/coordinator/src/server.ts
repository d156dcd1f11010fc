import type { RequestListener } from 'node:http'
import { fileURLToPath } from 'node:url'
import fastifyCookie from '@fastify/cookie'
import fastifyMultipart from '@fastify/multipart'
import fastifyWebsocket from '@fastify/websocket'
import Fastify from 'fastify'
import { validatorCompiler, type ZodTypeProvider } from 'fastify-type-provider-zod'
import { createSleep } from '@causeway/time'
import { LIMITS } from '@causeway/protocol'
import { createChallenges, openChallengeKey } from './access/challenges.ts'
import { addGate } from './access/gate.ts'
import { createGuessBrake } from './access/guess-brake.ts'
import { createHostCheck } from './access/host-check.ts'
import { createInvites } from './nodes/invites.ts'
import { createNodeSignIn } from './nodes/sign-in.ts'
import { createCredentials } from './access/held.ts'
import { STRANGERS_MS } from './access/strangers.ts'
import type { Coordinator } from './coordinator.ts'
import { addLinkBodies } from './http/bodies.ts'
import { addLinkRoutes } from './link/routes.ts'
import { addLinkSocket } from './link/socket-route.ts'
import { addLiveSocket } from './http/page-socket.ts'
import type { WireObserver } from './ports/observations.ts'
import type { ServedTls } from './ports/served-tls.ts'
import type { App } from './http/app.ts'
import { addAccountRoutes } from './http/account-routes.ts'
import { addArchiveRoutes } from './http/archive-routes.ts'
import { addArrangeRoutes } from './http/arrange-routes.ts'
import { addAuditHook } from './http/audit-hook.ts'
import { addAuditRoutes } from './http/audit-routes.ts'
import { addDocs } from './http/docs.ts'
import { addDrain, createDrain, type Drain } from './http/drain.ts'
import { addErrorAnswers } from './http/errors.ts'
import { addFileRoutes } from './http/file-routes.ts'
import { addFolderRoutes } from './http/folder-routes.ts'
import { addHistoryRoutes } from './http/history-routes.ts'
import { addHealthRoutes } from './http/health-routes.ts'
import { addInviteRoutes } from './http/invite-routes.ts'
import { addKeyRoutes } from './http/key-routes.ts'
import { addMetricsRoutes } from './http/metrics-routes.ts'
import { addNodeRoutes } from './http/node-routes.ts'
import { addOpenIdRoutes, type OpenIdSettings } from './http/open-id-routes.ts'
import { addPeopleRoutes } from './http/people-routes.ts'
import { addPage, createPageServer } from './http/page.ts'
import { createRequestIds } from './http/request-ids.ts'
import { addRequestLog } from './http/request-log.ts'
import { addSavingsRoutes } from './http/savings-routes.ts'
import { PATIENCE } from './http/patience.ts'
import { addSignInRoutes } from './http/sign-in-routes.ts'
import { createTlsServer } from './http/tls-server.ts'
import { addUploadRoutes } from './http/upload-routes.ts'

export interface ServerOptions {
  readonly coordinator: Coordinator
  readonly adminToken: string
  /** Names beside the loopback ones under which people and nodes reach this coordinator. */
  readonly hosts: readonly string[]
  /** People need no sign-in; whoever sets this must listen on loopback only. */
  readonly openToPeople: boolean
  /** A provider by which people may sign in, too. */
  readonly openId?: OpenIdSettings | undefined
  /** Where the built dashboard lies. */
  readonly pageDirectory?: string
  /**
   * Addresses of proxies (single ones, or networks like 10.0.0.0/8) whose word
   * counts on who asked, for which host, and whether over TLS. Nobody else's does.
   */
  readonly trustedProxies?: readonly string[]
  /** What this process is called among several that serve the same store. */
  readonly instance?: string
  /** How it is told that it is to stop; without one it never is. */
  readonly drain?: Drain
  /** Without it, the ports speak plain HTTP. */
  readonly tls?: ServedTls | undefined
  /** How wrong secrets are held up; for tests. */
  readonly sleep?: (ms: number) => Promise<void>
  /** How long strangers may take over a request; for tests. */
  readonly strangersMs?: number
}

const BUILT_PAGE = fileURLToPath(new URL('../../dashboard/dist', import.meta.url))
const HSTS_SECONDS = 180 * 24 * 3600

/** The coordinator over HTTP and WebSocket, ready to listen. Every route is behind the gate. */
export async function createServer(options: ServerOptions): Promise<App> {
  const { coordinator, adminToken, hosts, openToPeople, pageDirectory = BUILT_PAGE } = options
  const { context } = coordinator
  const { trustedProxies = [], sleep = createSleep(context.timers), strangersMs = STRANGERS_MS, tls } = options
  const { headersTimeout, ...patience } = PATIENCE
  const app = Fastify({
    bodyLimit: 1024 * 1024,
    ...patience,
    http: { headersTimeout },
    ...(tls && { serverFactory: (listener: RequestListener) => createTlsServer(listener, tls) }),
    forceCloseConnections: true,
    trustProxy: trustedProxies.length > 0 ? [...trustedProxies] : false,
    requestIdHeader: false,
    genReqId: createRequestIds(trustedProxies, context.random),
    routerOptions: { maxParamLength: 300 },
  }).withTypeProvider<ZodTypeProvider>()
  app.setValidatorCompiler(validatorCompiler)
  // Answers are made by our own code from typed values: checking them again would only cost time.
  app.setSerializerCompiler(() => (value) => JSON.stringify(value))
  const page = createPageServer(pageDirectory)
  addErrorAnswers(app, { log: context.log, page })

  const credentials = createCredentials(context)
  app.addHook('onClose', async () => credentials.stop())
  const challenges = createChallenges(context.clock, { key: await openChallengeKey(context.metadata) })
  const guesses = createGuessBrake({ now: context.timers.now, sleep })

  // Before the gate: this plug-in closes the sockets of refused upgrades, if its hooks come first.
  await app.register(fastifyWebsocket, { options: { maxPayload: LIMITS.socketMessageBytes, perMessageDeflate: false } })
  await app.register(fastifyCookie)
  addRequestLog(app, context.log)
  addDrain(app, options.drain ?? createDrain())
  const check = createHostCheck(hosts)
  addGate(app, { context, hosts: check, credentials, adminToken, openToPeople, strangersMs })
  addSecurityHeaders(app, tls)
  await app.register(fastifyMultipart, { limits: { files: 1, fields: 10, fileSize: Number.MAX_SAFE_INTEGER } })
  await addDocs(app)

  addAuditHook(app, coordinator.audit)
  addLinkBodies(app)
  countBodies(app, context.observe)
  await app.register(async (routes) => {
    const typed = routes.withTypeProvider<ZodTypeProvider>()
    addLinkRoutes(typed, coordinator, {
      signIn: createNodeSignIn(context, challenges),
      guesses,
    })
    addLinkSocket(typed, coordinator)
    addLiveSocket(typed, coordinator)
    const invites = createInvites(context, challenges)
    addSignInRoutes(typed, { coordinator, adminToken, guesses, openIdName: options.openId?.name ?? null })
    if (options.openId !== undefined) addOpenIdRoutes(typed, coordinator, options.openId)
    addInviteRoutes(typed, { coordinator, invites, guesses, tls })
    addAccountRoutes(typed, coordinator)
    addPeopleRoutes(typed, coordinator, guesses)
    addAuditRoutes(typed, coordinator)
    addKeyRoutes(typed, coordinator, tls)
    addNodeRoutes(typed, coordinator)
    addFolderRoutes(typed, coordinator)
    addArrangeRoutes(typed, coordinator)
    addArchiveRoutes(typed, coordinator)
    addUploadRoutes(typed, coordinator)
    addHistoryRoutes(typed, coordinator)
    addSavingsRoutes(typed, coordinator)
    addFileRoutes(typed, coordinator)
    addMetricsRoutes(typed, coordinator, options.instance ?? context.id)
    addHealthRoutes(typed, coordinator)
    addPage(typed, page)
  })
  return app
}

/** Counts bodies of announced length; those without one are counted where they are streamed. */
function countBodies(app: App, observe: Pick<WireObserver, 'received' | 'sent'>): void {
  app.addHook('onResponse', async (request, reply) => {
    observe.received(Number(request.headers['content-length'] ?? 0) || 0)
    observe.sent(Number(reply.getHeader('content-length') ?? 0) || 0)
  })
}

function addSecurityHeaders(app: App, tls: ServedTls | undefined): void {
  app.addHook('onSend', async (_request, reply) => {
    // With a certificate that browsers warn of there would be no way back for whoever goes on all the same.
    if (tls?.kind === 'own') reply.header('strict-transport-security', `max-age=${HSTS_SECONDS}`)
    reply.header('x-content-type-options', 'nosniff')
    reply.header('referrer-policy', 'no-referrer')
    reply.header('x-frame-options', 'DENY')
    if (!reply.hasHeader('cache-control')) reply.header('cache-control', 'no-store')
  })
}
