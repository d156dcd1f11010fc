import { createSharedSignals, type Log, type Signals } from '@causeway/log'
import { databaseAddress, openPostgresChannel } from '@causeway/store'
import { systemRandom, uuidOf } from '@causeway/time'
import type { Broadcasts } from '../ports/broadcasts.ts'
import { createSharedBroadcasts } from '../ports/shared-broadcasts.ts'

export interface OpenSignalsOptions {
  /** The PostgreSQL that several coordinators may share; null where this one is alone. */
  readonly databaseUrl: string | null
  readonly log: Log
  /** Called with how to close what was opened. */
  readonly opened: (close: () => Promise<void>) => void
}

/** What coordinators on one database say to each other, over one line. */
export interface SharedWords {
  readonly signals: Signals
  readonly broadcasts: Broadcasts
}

/** Undefined where there are no others. */
export async function openSignals({ databaseUrl, log, opened }: OpenSignalsOptions): Promise<SharedWords | undefined> {
  if (databaseUrl === null) return undefined
  const { name } = databaseAddress(databaseUrl)
  const channel = await openPostgresChannel({
    url: databaseUrl,
    instance: uuidOf(systemRandom),
    onTrouble: (err) => log.warn({ err, database: name }, 'the line to other coordinators broke; it is tried again'),
  })
  opened(() => channel.close())
  return {
    signals: createSharedSignals(channel, log),
    broadcasts: createSharedBroadcasts(channel, { log, random: systemRandom }),
  }
}
