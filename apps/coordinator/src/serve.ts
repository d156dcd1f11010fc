import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Log } from '@causeway/log'
import { isLoopback } from './access/host-check.ts'
import { openSignals } from './bus/open-signals.ts'
import type { Config } from './config.ts'
import { createCoordinator } from './coordinator.ts'
import { openDataDirectory } from './stores/data-directory.ts'
import { openLogKey } from './stores/log-key.ts'
import { createSleep, systemTimers, type Sleep } from '@causeway/time'
import { createCutOff } from './http/cut-off.ts'
import { createDrain, type Drain } from './http/drain.ts'
import { listen, type Listening } from './http/listen.ts'
import { currentRequest } from './http/request-log.ts'
import { welcomeLink } from './http/people-routes.ts'
import { createServer } from './server.ts'
import { openStores } from './stores/open-stores.ts'
import { ownDisks } from './stores/own-disks.ts'
import { readPacksBack } from './stores/read-packs-back.ts'
import { createReserve } from './upkeep/reserve.ts'
import { openTls, publishedPins, type ShownCertificate } from './tls/open-tls.ts'

export interface RunningCoordinator {
  readonly url: string
  readonly dashboardUrl: string
  /** What browsers show of the coordinator's certificate; `undefined` without TLS. */
  readonly certificate: ShownCertificate | undefined
  /** Makes the first admin, once, on a coordinator where nobody has an account yet. */
  readonly firstAdminLink: string | null
  /** Drains first: what was asked is answered, within bounds, and nodes are sent away in good time. */
  stop(): Promise<void>
}

/** Runs a coordinator as configured. What it opened is closed again in reverse, also where the start fails. */
export async function serve(config: Config): Promise<RunningCoordinator> {
  const log = openLog(config)
  const closers: (() => Promise<void>)[] = []
  async function closeAll(): Promise<void> {
    for (const close of closers.splice(0).reverse()) await close()
  }
  try {
    const data = await openDataDirectory(config.dataDirectory)
    if (data.wasOpen)
      log.warn(`${data.path} was accessible to other users of this machine; it is now accessible to its owner only`)
    const { id, metadata, packs } = await openStores({
      data,
      databasePath: config.databasePath,
      databaseUrl: config.databaseUrl,
      chunks: config.chunks,
      rebuild: config.rebuildIndex,
      opened: (close) => closers.push(close),
    })

    const hosts = [config.host, hostname(), ...config.allowedHosts]
    const tls = await openTls(config.transport, { directory: data.path, metadata, hosts, log: asLog(log) })
    closers.push(async () => tls?.stop())
    const logKey = await openLogKey(data, metadata)
    const { databaseUrl, busUrl } = config
    const words = await openSignals({
      databaseUrl,
      busUrl,
      secret: logKey,
      sleep: createSleep(systemTimers),
      log: asLog(log),
      opened: (close) => closers.push(close),
    })
    const reserve = createReserve({
      disks: await ownDisks(config, data.packsPath),
      reserveBytes: config.reserveBytes,
      timers: systemTimers,
      log: asLog(log),
    })
    const coordinator = createCoordinator({
      id,
      logKey,
      metadata,
      packs,
      reserve,
      log: asLog(log),
      ...words,
      ...(tls && { keyPins: tls.pins }),
    })
    const { context, contents, housekeeping, measure, packWatch } = coordinator
    await readPacksBack(context, { packs, packWatch }, config.rebuildIndex)
    closers.push(() => contents.close())
    measure.start()
    closers.push(() => measure.stop())
    closers.push(() => coordinator.presence.settled())
    packWatch.start()
    closers.push(() => packWatch.stop())
    housekeeping.start()
    coordinator.removedFolders.start()
    closers.push(() => coordinator.removedFolders.stop())
    closers.push(() => housekeeping.stop())

    const drain = createDrain()
    const cutOff = createCutOff({ ...context, drain })
    if (databaseUrl !== null) cutOff.start()
    closers.push(async () => cutOff.stop())
    const app = await createServer({
      drain,
      instance: config.instance,
      coordinator,
      adminToken: data.adminToken,
      hosts,
      openToPeople: !config.auth,
      trustedProxies: config.trustedProxies,
      tls,
      openId: config.openId,
    })
    const listening = await listen(app, { ...config, tls })
    closers.push(() => listening.close())
    const publish = (): Promise<void> => data.publishUrl(listening.url, publishedPins(tls))
    await publish()
    closers.push(() => data.withdrawUrl())
    tls?.subscribe(() => void publish().catch((err: unknown) => log.error({ err }, 'could not publish the TLS key')))
    log.info({ url: listening.url, dashboard: listening.dashboardUrl, data: data.path }, 'the coordinator is ready')
    if (config.auth) log.info(`to sign in without an account, use the token in ${data.path}/admin.token`)
    else log.warn('sign-in is off (--no-auth): everyone on this machine can read and change everything')
    if (config.transport.kind === 'plain' && !isLoopback(config.host)) {
      log.warn(
        'connections are not encrypted (--insecure-http): everyone on the way can read and change what crosses them',
      )
    }
    const secret = config.auth ? await coordinator.invitations.forFirstAdmin() : null
    const firstAdminLink = secret === null ? null : welcomeLink(listening.dashboardUrl, secret)
    const { url, dashboardUrl } = listening
    return {
      url,
      dashboardUrl,
      certificate: tls?.shown,
      firstAdminLink,
      async stop() {
        await leave(listening, drain, { config, log, sleep: createSleep(context.timers) })
        await closeAll()
      },
    }
  } catch (error) {
    await closeAll()
    throw error
  }
}

/** Says that it is going, lets the balancer notice, sends away whoever holds a socket, and answers what was asked. */
async function leave(
  listening: Listening,
  drain: Drain,
  { config, log, sleep }: { readonly config: Config; readonly log: pino.Logger; readonly sleep: Sleep },
): Promise<void> {
  drain.begin()
  log.info({ noticeSeconds: config.drainNoticeSeconds }, 'stopping: requests in progress are finished first')
  await sleep(config.drainNoticeSeconds * 1000)
  drain.sendAway()
  const left = await listening.finish(config.drainSeconds * 1000)
  if (left > 0) log.warn({ requests: left }, `requests are broken off after ${config.drainSeconds} s`)
}

/** One JSON object a line, on standard error. */
function openLog({ logLevel, instance }: Config): pino.Logger {
  const options = {
    level: logLevel,
    base: { pid: process.pid, instance },
    mixin: () => currentRequest() ?? {},
    // A net below the rule that nobody logs a secret.
    redact: SECRET_FIELDS.flatMap((field) => [field, `*.${field}`, `*.*.${field}`]),
  }
  return pino(options, pino.destination(2))
}

const SECRET_FIELDS = ['token', 'secret', 'signature', 'authorization', 'cookie', 'password']

function asLog(log: pino.Logger): Log {
  return {
    debug: (details, message) => log.debug(details, message),
    info: (details, message) => log.info(details, message),
    warn: (details, message) => log.warn(details, message),
    error: (details, message) => log.error(details, message),
  }
}
