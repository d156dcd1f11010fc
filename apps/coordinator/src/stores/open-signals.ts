import { createSharedSignals, type Log, type Signals } from '@causeway/log'
import { databaseAddress, openPostgresChannel } from '@causeway/store'
import { systemRandom, uuidOf } from '@causeway/time'

export interface OpenSignalsOptions {
  /** The PostgreSQL that several coordinators may share; null where this one is alone. */
  readonly databaseUrl: string | null
  readonly log: Log
  /** Called with how to close what was opened. */
  readonly opened: (close: () => Promise<void>) => void
}

/** Signals between all coordinators on one database; undefined where there are no others. */
export async function openSignals({ databaseUrl, log, opened }: OpenSignalsOptions): Promise<Signals | undefined> {
  if (databaseUrl === null) return undefined
  const { name } = databaseAddress(databaseUrl)
  const channel = await openPostgresChannel({
    url: databaseUrl,
    instance: uuidOf(systemRandom),
    onTrouble: (err) => log.warn({ err, database: name }, 'the line to other coordinators broke; it is tried again'),
  })
  opened(() => channel.close())
  return createSharedSignals(channel, log)
}
