import { join } from 'node:path'
import { replaceFile } from '@causeway/disk'
import { SyncError } from '@causeway/protocol'
import { LEASE_TTL_MS, underLease } from '@causeway/log'
import { createLeases } from '@causeway/store'
import { systemRandom, systemTimers } from '@causeway/time'
import { MOVED_SETTING, movedFrom, type Moved } from '../stores/moved.ts'
import { UPKEEP_LEASE } from '../upkeep/housekeeping.ts'
import { copyInstallation, finish, type Copied } from './copy-installation.ts'
import { measuredText, serveText } from './migrate.ts'
import type { MovingPorts } from './moving-ports.ts'
import { openSource } from './open-source.ts'
import { openTarget, type Target } from './open-target.ts'
import { placeName, type Place } from './place.ts'

const ASK_AGAIN_MS = 2000

/**
 * Copies an installation as of one moment into a directory, whether a coordinator runs or not. While it is copied nothing
 * is collected: every chunk that the snapshot names stays.
 */
export async function backup(
  { from, to }: { readonly from: Place; readonly to: Place },
  ports: MovingPorts,
): Promise<void> {
  const { say, sleep, opened, progress } = ports
  const source = await openSource(from, { isAlone: false, opened })
  const moved = await source.metadata.read(movedFrom)
  if (moved !== null)
    say(`Note: this installation was moved to ${moved.to} at ${moved.at}; the backup is of that moment.`)
  const target = await openTarget(to, { from: from.dataDirectory, withPacks: true, opened })
  const leases = createLeases(source.metadata, systemTimers.now)
  const upkeep = underLease(
    { metadata: source.metadata, timers: systemTimers, random: systemRandom },
    { name: UPKEEP_LEASE, leases, ttlMs: LEASE_TTL_MS },
  )
  const work = async (_fenced: unknown, signal: AbortSignal): Promise<void> => {
    const at = ports.now()
    const copied = await source.metadata.read((tx) => copyInstallation({ tx, source, target, progress }))
    if (signal.aborted)
      throw new SyncError('outdated', 'contents were tidied up while they were copied: run the same command again')
    await complete({ target, to, copied, at })
    say(`Backed up ${measuredText(copied, true)}, as of ${at}; every row and every chunk was compared.`)
    if (copied.damaged.length > 0)
      say(`${copied.damaged.length} chunks are damaged in the source, and are missing from the backup.`)
    say(
      `Restore it with "causeway restore --from ${to.dataDirectory} --data DIR". It holds secrets: keep it where only you can read it.`,
    )
  }
  const forever = new AbortController().signal
  for (let tries = 0; !(await upkeep.run(work, forever)); tries++) {
    if (tries === 0) say('The coordinator is tidying up its contents: the backup begins when it has finished.')
    await sleep(ASK_AGAIN_MS)
  }
}

/** Copies a backup into an empty place, which may be served from then on. */
export async function restore(
  { from, to }: { readonly from: Place; readonly to: Place },
  ports: MovingPorts,
): Promise<void> {
  const { say, opened, progress } = ports
  const source = await openSource(from, { isAlone: true, opened })
  const moved = await source.metadata.read(movedFrom)
  if (moved?.kind !== 'backup') {
    throw new SyncError(
      'bad-request',
      `${from.dataDirectory} is no finished backup: name a directory that "causeway backup" has made`,
    )
  }
  const target = await openTarget(to, { from: from.dataDirectory, withPacks: true, opened })
  say(`Restoring the backup of ${moved.at} to ${placeName(to)}.`)
  const copied = await source.metadata.read((tx) => copyInstallation({ tx, source, target, progress }))
  await finish(target, [])
  say(`Restored ${measuredText(copied, true)}; every row and every chunk was compared.`)
  say(`Next: ${serveText(to)}`)
  say('Nodes notice that it is older than what they have seen, and offer what it is missing.')
}

async function complete({
  target,
  to,
  copied,
  at,
}: {
  readonly target: Target
  readonly to: Place
  readonly copied: Copied
  readonly at: string
}): Promise<void> {
  const { tables, chunks, chunkBytes } = copied
  const about = { format: 1, at, chunks, chunkBytes, tables: Object.fromEntries(tables) }
  await replaceFile(join(to.dataDirectory, 'backup.json'), `${JSON.stringify(about, null, 2)}\n`)
  const mark: Moved = { kind: 'backup', to: to.dataDirectory, at }
  await finish(target, [[MOVED_SETTING, JSON.stringify(mark)]])
}
