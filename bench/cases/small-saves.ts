import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { eventually } from '../../tests/support/eventually.ts'
import { Random } from '../../tests/support/random.ts'
import { arrivalOf } from '../support/arrival.ts'
import type { Case } from '../support/case.ts'
import { Pair } from '../support/pair.ts'
import { megabytes, quantile, type Row } from '../support/report.ts'
import { NO_RSYNC, RsyncDaemon, rsyncVersion } from '../support/rsync.ts'

const SAVE_BYTES = 2048

/** Saves of 2 KiB on a pair that is in sync: how long a person waits until the other machine has it. */
export const smallSaves: Case = {
  name: 'small-saves',
  async run({ life, scratch, quick }) {
    const saves = quick ? 20 : 100
    const pair = await Pair.start(life, scratch)
    await warmUp(pair)
    pair.resetWire()
    const latenciesMs = await timeSaves(pair, saves)
    const { wire } = pair
    const memory = await pair.peakMemory()

    const rows: Row[] = [{ what: 'Causeway, save to visible', cells: latencyCells(latenciesMs) }]
    const rsyncMs =
      rsyncVersion() === undefined ? undefined : await timeRsync(await RsyncDaemon.start(life, scratch), scratch, saves)
    if (rsyncMs !== undefined) rows.push({ what: 'rsync -az run up, then down', cells: latencyCells(rsyncMs) })
    const perSave = (bytes: number): string => `${Math.round(bytes / saves).toLocaleString('en')} bytes`
    const peaks = Object.entries(memory).map(([name, bytes]) => `${name} ${megabytes(bytes)}`)
    return {
      name: 'small-saves',
      subject: `${saves} saves of ${SAVE_BYTES} bytes on a pair in sync, one after the other`,
      rows,
      notes: [
        `wire, a save: ${perSave(wire.sender.toServer)} up (${perSave(wire.sender.fromServer)} back), ` +
          `${perSave(wire.receiver.fromServer)} down (${perSave(wire.receiver.toServer)} back)`,
        `peak memory: ${peaks.join(', ')}`,
        ...(rsyncMs === undefined ? [NO_RSYNC] : []),
      ],
      figures: { saves, causeway: { latenciesMs, wire, peakMemoryBytes: memory }, rsync: rsyncMs ?? null },
    }
  },
}

/** The first saves meet cold code and cold connections: not what a person meets all day. */
async function warmUp({ sender, receiver }: Pair): Promise<void> {
  await mkdir(sender.path('saves'))
  for (let i = 0; i < 10; i++) {
    await writeFile(sender.path('saves', `warm-${i}`), `warm ${i}`)
    await eventually('the pair is in sync', () => readFile(receiver.path('saves', `warm-${i}`)), { everyMs: 5 })
  }
}

/** Every second save makes a new file, the others edit one. The pauses are random: no lock step with any timer. */
async function timeSaves({ sender, receiver }: Pair, saves: number): Promise<number[]> {
  const random = new Random(5)
  const latenciesMs: number[] = []
  for (let i = 0; i < saves; i++) {
    await sleep(20 + random.below(60))
    const name = i % 2 === 0 ? `note-${i}` : `note-${i - 1}`
    const bytes = random.bytes(SAVE_BYTES)
    const arrival = arrivalOf(receiver.path('saves'), name, bytes)
    const started = performance.now()
    await writeFile(sender.path('saves', name), bytes)
    latenciesMs.push((await arrival) - started)
  }
  return latenciesMs
}

/** What one would do without a sync tool that waits: two runs of rsync a save. */
async function timeRsync(daemon: RsyncDaemon, scratch: string, saves: number): Promise<number[]> {
  const [from, to] = [join(scratch, 'rsync-from'), join(scratch, 'rsync-to')]
  await mkdir(from)
  await mkdir(to)
  const random = new Random(5)
  const latenciesMs: number[] = []
  for (let i = 0; i < Math.min(saves, 20); i++) {
    await writeFile(join(from, `note-${i}`), random.bytes(SAVE_BYTES))
    latenciesMs.push(await daemon.quick(from, to))
  }
  return latenciesMs
}

function latencyCells(latenciesMs: readonly number[]): Row['cells'] {
  return {
    median: `${quantile(latenciesMs, 0.5).toFixed(1)} ms`,
    p90: `${quantile(latenciesMs, 0.9).toFixed(1)} ms`,
    slowest: `${quantile(latenciesMs, 1).toFixed(1)} ms`,
  }
}
