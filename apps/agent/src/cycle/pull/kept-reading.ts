import { EntryStateSchema } from '@causeway/protocol'
import type { ReplicaState } from '@causeway/replica'
import { z } from 'zod'
import { LIVE, type LogReading } from './log-reading.ts'

const READING = 'log-reading'
/** Under this, earlier versions kept that the log was being read again. */
const REREADING_BEFORE = 'resync-due'

const KeptSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('behind'), full: z.boolean() }),
  z.object({ kind: z.literal('rereading'), known: z.array(EntryStateSchema) }),
])

type Settings = Pick<ReplicaState, 'setting' | 'putSetting'>

/** How an earlier process stood to the log. What it had seen is seen again: it is read from its start. */
export function keptReading(settings: Settings): LogReading {
  const text = settings.setting(READING)
  if (text === undefined) {
    const isRereading = settings.setting(REREADING_BEFORE) !== undefined
    return isRereading ? { kind: 'rereading', seen: new Set(), known: [] } : LIVE
  }
  const kept = KeptSchema.parse(JSON.parse(text))
  return kept.kind === 'rereading' ? { ...kept, seen: new Set() } : kept
}

export function keepReading(settings: Settings, reading: LogReading): void {
  if (settings.setting(REREADING_BEFORE) !== undefined) settings.putSetting(REREADING_BEFORE, null)
  settings.putSetting(READING, reading.kind === 'live' ? null : JSON.stringify(withoutSeen(reading)))
}

function withoutSeen(reading: Exclude<LogReading, { kind: 'live' }>): z.infer<typeof KeptSchema> {
  return reading.kind === 'rereading' ? { kind: 'rereading', known: [...reading.known] } : reading
}
