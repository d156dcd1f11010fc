import { hostname } from 'node:os'
import { pino } from 'pino'
import type { Log } from '@causeway/log'
import type { Config } from './config.ts'
import { createCoordinator } from './coordinator.ts'
import { openDataDirectory } from './stores/data-directory.ts'
import { openLogKey } from './stores/log-key.ts'
import { listen } from './http/listen.ts'
import { welcomeLink } from './http/people-routes.ts'
import { createServer } from './server.ts'
import { openStores } from './stores/open-stores.ts'
import { readPacksBack } from './stores/read-packs-back.ts'

export interface RunningCoordinator {
  readonly url: string
  readonly dashboardUrl: string
  /** Makes the first admin, once, on a coordinator where nobody has an account yet. */
  readonly firstAdminLink: string | null
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

    const logKey = await openLogKey(data, metadata)
    const coordinator = createCoordinator({ id, logKey, metadata, packs, log: asLog(log) })
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
      hosts: [config.host, hostname(), ...config.allowedHosts],
      openToPeople: !config.auth,
      trustedProxies: config.trustedProxies,
      openId: config.openId,
    })
    const listening = await listen(app, config)
    closers.push(() => listening.close())
    await data.publishUrl(listening.url)
    closers.push(() => data.withdrawUrl())
    log.info({ url: listening.url, dashboard: listening.dashboardUrl, data: data.path }, 'the coordinator is ready')
    if (config.auth) log.info(`to sign in without an account, use the token in ${data.path}/admin.token`)
    else log.warn('sign-in is off (--no-auth): everyone on this machine can read and change everything')
    const secret = config.auth ? await coordinator.invitations.forFirstAdmin() : null
    const firstAdminLink = secret === null ? null : welcomeLink(listening.dashboardUrl, secret)
    return { url: listening.url, dashboardUrl: listening.dashboardUrl, firstAdminLink, stop: closeAll }
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
