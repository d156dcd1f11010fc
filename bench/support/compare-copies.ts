import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lifetime } from '../../tests/support/lifetime.ts'
import { expectSameTrees, treeOf } from '../../tests/support/tree.ts'
import { Pair } from './pair.ts'
import { copyCells, megabytes, ratio, type CaseReport, type Row } from './report.ts'
import { NO_RSYNC, RsyncDaemon, rsyncVersion } from './rsync.ts'

export interface Copy {
  readonly name: string
  readonly subject: string
  readonly files: number
  readonly bytes: number
  readonly source: string
  /** Puts the same files into another directory, before any clock runs. */
  readonly fill: (to: string) => Promise<void>
  /** Cheap: asked many times while the clock runs. */
  readonly isComplete: (copy: string) => Promise<boolean>
}

/**
 * The same copy by rsync and by Causeway, one after the other. Causeway's
 * clock runs from the start of the sending process to the last file's
 * appearance on a second node, by way of the coordinator's disk: two hops.
 * So rsync is timed for one hop (up) and for two (up, then down again).
 */
export async function compareCopies(life: Lifetime, scratch: string, copy: Copy): Promise<CaseReport> {
  const rsync = rsyncVersion() === undefined ? undefined : await copyByRsync(life, scratch, copy)
  const causeway = await copyByCauseway(life, scratch, copy)
  const rows = [...(rsync?.rows ?? []), ...causeway.rows]
  const notes =
    rsync === undefined
      ? [NO_RSYNC]
      : [
          `Causeway took ${ratio(causeway.seconds, rsync.upSeconds)} rsync's one hop, ` +
            `${ratio(causeway.seconds, rsync.upSeconds + rsync.downSeconds)} its two hops (like for like)`,
        ]
  const { name, subject, files, bytes } = copy
  const figures = { files, bytes, causeway: causeway.figures, rsync: rsync?.figures ?? null }
  return { name, subject, rows, notes, figures }
}

async function copyByRsync(
  life: Lifetime,
  scratch: string,
  copy: Copy,
): Promise<{ rows: Row[]; upSeconds: number; downSeconds: number; figures: unknown }> {
  const daemon = await RsyncDaemon.start(life, scratch)
  const second = join(scratch, 'rsync-second')
  await mkdir(second)
  const up = await daemon.up(copy.source)
  const down = await daemon.down(second)
  await verify(copy.source, second)
  const size = { files: copy.files, bytes: copy.bytes }
  const cells = (run: typeof up, data: number, back: number): Row['cells'] =>
    copyCells({ ...size, seconds: run.seconds, wireBytes: data, backBytes: back, peakBytes: megabytes(run.peakBytes) })
  return {
    rows: [
      { what: 'rsync -az, up (one hop)', cells: cells(up, up.wire.toServer, up.wire.fromServer) },
      { what: 'rsync -az, down (second hop)', cells: cells(down, down.wire.fromServer, down.wire.toServer) },
    ],
    upSeconds: up.seconds,
    downSeconds: down.seconds,
    figures: { up, down },
  }
}

async function copyByCauseway(
  life: Lifetime,
  scratch: string,
  copy: Copy,
): Promise<{ rows: Row[]; seconds: number; figures: unknown }> {
  const pair = await Pair.start(life, scratch)
  await pair.sender.stop()
  await copy.fill(pair.sender.dir)
  const seconds = await pair.timeFirstSync(() => copy.isComplete(pair.receiver.dir))
  const { wire } = pair
  const memory = await pair.peakMemory()
  await verify(pair.sender.dir, pair.receiver.dir)
  const size = { files: copy.files, bytes: copy.bytes, seconds }
  const peak = (...names: string[]): string =>
    names.map((name) => (memory[name] === undefined ? '' : `${name} ${megabytes(memory[name])}`)).join(', ')
  const upload = { wireBytes: wire.sender.toServer, backBytes: wire.sender.fromServer }
  const download = { wireBytes: wire.receiver.fromServer, backBytes: wire.receiver.toServer }
  return {
    rows: [
      {
        what: 'Causeway, both hops at once',
        cells: copyCells({ ...size, ...upload, peakBytes: peak('coordinator', 'sender') }),
      },
      {
        what: '  its second hop',
        cells: {
          'wire, data': megabytes(download.wireBytes),
          'wire, back': megabytes(download.backBytes),
          'peak memory': peak('receiver'),
        },
      },
    ],
    seconds,
    figures: { seconds, wire, peakMemoryBytes: memory },
  }
}

/** Every hash, mode and time, once the clock has stopped. Throws if they are not the same. */
async function verify(original: string, copy: string): Promise<void> {
  expectSameTrees({ original: await treeOf(original), copy: await treeOf(copy) })
}
