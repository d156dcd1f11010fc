import { createSharedSignals, type Log, type SignalChannel, type Signals } from '@causeway/log'
import { databaseAddress, openPostgresChannel } from '@causeway/store'
import { systemRandom, uuidOf, type Sleep } from '@causeway/time'
import type { Broadcasts } from '../ports/broadcasts.ts'
import { createSharedBroadcasts } from '../ports/shared-broadcasts.ts'
import { busAddress } from './bus-address.ts'
import { openNatsChannel } from './open-nats-channel.ts'

export interface OpenSignalsOptions {
  /** The PostgreSQL that several coordinators may share; null where this one is alone. */
  readonly databaseUrl: string | null
  /** A NATS server that carries what they say to each other in the place of that database; null where it does so itself. */
  readonly busUrl: string | null
  /** Known to all coordinators on the database, and to nobody else. */
  readonly secret: string
  readonly sleep: Sleep
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
export async function openSignals(options: OpenSignalsOptions): Promise<SharedWords | undefined> {
  const { databaseUrl, busUrl, log } = options
  if (databaseUrl === null) return undefined
  const channel = busUrl === null ? await overPostgres(databaseUrl, options) : await overNats(busUrl, options)
  return {
    signals: createSharedSignals(channel, log),
    broadcasts: createSharedBroadcasts(channel, { log, random: systemRandom }),
  }
}

async function overPostgres(url: string, { log, opened }: OpenSignalsOptions): Promise<SignalChannel> {
  const { name } = databaseAddress(url)
  const channel = await openPostgresChannel({
    url,
    instance: uuidOf(systemRandom),
    onTrouble: (err) => log.warn({ err, database: name }, 'the line to other coordinators broke; it is tried again'),
  })
  opened(() => channel.close())
  return channel
}

async function overNats(url: string, { secret, sleep, log, opened }: OpenSignalsOptions): Promise<SignalChannel> {
  const address = busAddress(url)
  const bus = address.name
  const channel = await openNatsChannel({
    address,
    secret,
    instance: uuidOf(systemRandom),
    sleep,
    random: systemRandom,
    onTrouble: (err) =>
      log.warn({ err, bus }, 'the bus cannot be used; it is tried again, and news from other coordinators comes late'),
    onBack: () => log.info({ bus }, 'the bus can be used again'),
  })
  opened(() => channel.close())
  return channel
}
