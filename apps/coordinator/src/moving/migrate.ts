import { isSyncError, SyncError } from '@causeway/protocol'
import { copyState, stampOf } from '@causeway/store'
import { MOVED_SETTING, movedFrom, type Moved } from '../stores/moved.ts'
import { copyInstallation, finish, leftBehind, measure, type Measured } from './copy-installation.ts'
import { refuseWhileOthersRun } from './others-running.ts'
import { openSource, type Source } from './open-source.ts'
import { openTarget, type Target } from './open-target.ts'
import { isSamePacks, placeName, type Place } from './place.ts'
import { amount } from './progress.ts'
import type { MovingPorts } from './moving-ports.ts'

/** Moves an installation: copies it, compares the copy, marks the old one as moved and only then lets the new one be served. */
export async function migrate(
  { from, to, isDryRun }: { readonly from: Place; readonly to: Place; readonly isDryRun: boolean },
  ports: MovingPorts,
): Promise<void> {
  const { say, opened } = ports
  const source = await openSource(from, { isAlone: true, opened })
  const withPacks = !isSamePacks(from, to)
  const moved = await source.metadata.read(movedFrom)
  if (moved?.kind === 'backup')
    throw new SyncError('not-allowed', `${placeName(from)} is a backup: use "causeway restore"`)
  if (isDryRun) {
    const measured = await source.metadata.read((tx) => measure(tx, withPacks))
    say(`Would copy from ${placeName(from)}`)
    say(`             to ${placeName(to)}:`)
    say(`  ${measuredText(measured, withPacks)}`)
    say('Nothing was changed, and the new place was not looked at.')
    return
  }
  await refuseWhileOthersRun(from, source.metadata, ports)
  const target = await openTarget(to, { from: from.dataDirectory, withPacks, opened }).catch((error: unknown) => {
    throw isSyncError(error, 'already-exists')
      ? new SyncError(error.code, `cannot migrate: ${error.message}`, { cause: error })
      : error
  })
  if (moved !== null && (await target.metadata.read(copyState)) === undefined) {
    throw new SyncError(
      'not-allowed',
      `${placeName(from)} was already moved to ${moved.to} at ${moved.at}: there is nothing left to migrate`,
    )
  }
  say(`Copying from ${placeName(from)}`)
  say(`          to ${placeName(to)}.`)
  const copied = await source.metadata.read((tx) => copyInstallation({ tx, source, target, progress: ports.progress }))
  await handOver({ source, target, to, stamp: copied.stamp, withPacks }, ports)
  say(`Moved ${measuredText(copied, withPacks)}; every row and every chunk was compared.`)
  for (const { message } of copied.damaged.slice(0, 20)) say(`  damaged before: ${message}`)
  if (copied.damaged.length > 0)
    say(`${copied.damaged.length} damaged chunks could not be copied: nodes that hold them are asked for them.`)
  say(`Next: ${serveText(to)}`)
  say(`The old place was left as it is, and refuses to be served. Once you are content, delete it.`)
}

/** Takes the mark off an installation that was moved. */
export async function reopen(place: Place, { say, opened }: MovingPorts): Promise<void> {
  const source = await openSource(place, { isAlone: true, opened })
  const moved = await source.metadata.read(movedFrom)
  if (moved === null) {
    say(`${placeName(place)} was not moved: nothing was changed.`)
    return
  }
  if (moved.kind === 'backup')
    throw new SyncError('not-allowed', `${placeName(place)} is a backup: use "causeway restore"`)
  await source.metadata.write((tx) => tx.putSetting(MOVED_SETTING, ''))
  say(
    `${placeName(place)} can be served again. It is as it was at ${moved.at}; ${moved.to} must not be served any more.`,
  )
}

/** In this order, a kill between leaves one that can be served at most, and the same command finishes. */
async function handOver(
  {
    source,
    target,
    to,
    stamp,
    withPacks,
  }: {
    readonly source: Source
    readonly target: Target
    readonly to: Place
    readonly stamp: string
    readonly withPacks: boolean
  },
  { now }: MovingPorts,
): Promise<void> {
  const moved: Moved = { kind: 'moved', to: placeName(to), at: now() }
  await source.metadata.write(async (tx) => {
    if ((await stampOf(tx, leftBehind(withPacks))) !== stamp) {
      throw new SyncError(
        'outdated',
        'the installation was written to while it was copied: a coordinator is still running. Stop all of them, and run the same command again; what was copied is kept.',
      )
    }
    await tx.putSetting(MOVED_SETTING, JSON.stringify(moved))
  })
  await finish(target, [])
}

export function measuredText(
  { folders, files, versions, chunks, chunkBytes, rows }: Measured,
  withPacks: boolean,
): string {
  const number = (value: number): string => value.toLocaleString('en')
  const database = `${number(folders)} folders with ${number(files)} files and ${number(versions)} versions (${amount(rows, 'rows')})`
  return withPacks
    ? `${database}, ${amount(chunkBytes, 'bytes')} of contents in ${number(chunks)} chunks`
    : `${database}; the contents stay where they are`
}

/** Without the password that a database's address may hold. */
export function serveText(to: Place): string {
  const database = to.databaseUrl === null ? '' : ' --database (the same address)'
  const chunks = to.chunks === undefined ? '' : ' --chunks (the same address)'
  return `start the coordinator with "causeway serve --data ${to.dataDirectory}${database}${chunks}", under the name and port it had.`
}
