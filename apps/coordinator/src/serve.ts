import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Log } from '@causeway/log'
import { isLoopback } from './access/host-check.ts'
import type { Config } from './config.ts'
import { createCoordinator } from './coordinator.ts'
import { openDataDirectory } from './stores/data-directory.ts'
import { openLogKey } from './stores/log-key.ts'
import { listen } from './http/listen.ts'
import { createServer } from './server.ts'
import { openStores } from './stores/open-stores.ts'
import { readPacksBack } from './stores/read-packs-back.ts'
import { openTls, publishedPins, type ShownCertificate } from './tls/open-tls.ts'

export interface RunningCoordinator {
  readonly url: string
  readonly dashboardUrl: string
  /** What browsers show of the coordinator's certificate; `undefined` without TLS. */
  readonly certificate: ShownCertificate | undefined
  stop(): Promise<void>
}

/** Runs a coordinator as configured. What it opened is closed again in reverse, also where the start fails. */
export async function serve(config: Config): Promise<RunningCoordinator> {
  const log = pino({ level: config.logLevel }, pino.destination(2))
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
      rebuild: config.rebuildIndex,
      opened: (close) => closers.push(close),
    })

    const hosts = [config.host, hostname(), ...config.allowedHosts]
    const tls = await openTls(config.transport, { directory: data.path, metadata, hosts, log: asLog(log) })
    closers.push(async () => tls?.stop())
    const logKey = await openLogKey(data, metadata)
    const coordinator = createCoordinator({
      id,
      logKey,
      metadata,
      packs,
      log: asLog(log),
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

    const app = await createServer({
      coordinator,
      adminToken: data.adminToken,
      hosts,
      openToPeople: !config.auth,
      trustedProxies: config.trustedProxies,
      tls,
    })
    const listening = await listen(app, { ...config, tls })
    closers.push(() => listening.close())
    const publish = (): Promise<void> => data.publishUrl(listening.url, publishedPins(tls))
    await publish()
    closers.push(() => data.withdrawUrl())
    tls?.subscribe(() => void publish().catch((err: unknown) => log.error({ err }, 'could not publish the TLS key')))
    log.info({ url: listening.url, dashboard: listening.dashboardUrl, data: data.path }, 'the coordinator is ready')
    if (config.auth) log.info(`to sign in, open ${listening.dashboardUrl} with the token in ${data.path}/admin.token`)
    else log.warn('sign-in is off (--no-auth): everyone on this machine can read and change everything')
    if (config.transport.kind === 'plain' && !isLoopback(config.host))
      log.warn(
        'connections are not encrypted (--insecure-http): everyone on the way can read and change what crosses them',
      )
    const { url, dashboardUrl } = listening
    return { url, dashboardUrl, certificate: tls?.shown, stop: closeAll }
  } catch (error) {
    await closeAll()
    throw error
  }
}

function asLog(log: pino.Logger): Log {
  return {
    debug: (details, message) => log.debug(details, message),
    info: (details, message) => log.info(details, message),
    warn: (details, message) => log.warn(details, message),
    error: (details, message) => log.error(details, message),
  }
}
