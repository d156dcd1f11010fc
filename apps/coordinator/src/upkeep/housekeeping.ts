import { setImmediate } from 'node:timers/promises'
import { versionsToDrop } from '@causeway/engine'
import type { EntryId, FolderId } from '@causeway/protocol'
import {
  collectGarbage,
  createLeases,
  scrub,
  sealAbandoned,
  type DamagedChunk,
  type FolderRow,
  type MetadataReader,
  type MetadataStore,
  type PackStore,
  type VersionRow,
} from '@causeway/store'
import type { Timer } from '@causeway/time'
import { isDamageCode, isInUse, isoNow, LEASE_TTL_MS, underLease } from '@causeway/log'
import type { PlacedChunk, Repair } from '@causeway/contents'
import type { Context } from '../ports/context.ts'
import type { PackWatch } from './pack-watch.ts'

export interface Housekeeping {
  /**
   * One round: drops what the folders' policies no longer keep, then what nothing uses any more, then rereads every
   * chunk. False, and nothing was done, while another coordinator is at it, or was until lately.
   */
  run(): Promise<boolean>
  start(): void
  /** Ends a round under way at its next step. */
  stop(): Promise<void>
}

const DAY_MS = 86_400_000
const FIRST_AFTER_MS = 10 * 60_000
/** Between finding something unused and removing it: longer than any upload that may come to refer to it. */
const GRACE_MS = DAY_MS
const ENTRIES_AT_ONCE = 200
export const UPKEEP_LEASE = 'upkeep'
/** Until when nothing is collected, because packs were read back. */
const HELD_SETTING = 'collect-from'
/** What was read back waits so long for nodes to tell that they use it: longer than anybody is on holiday. */
const HELD_MS = 30 * DAY_MS

/** Nothing is collected for a while: the index holds more than the folders' logs tell of. */
export async function holdCollection({ metadata, clock }: Pick<Context, 'metadata' | 'clock'>): Promise<void> {
  const until = new Date(clock.now() + HELD_MS).toISOString()
  await metadata.write((tx) => tx.putSetting(HELD_SETTING, until))
}

/** What is looked after beside the metadata. */
export interface Kept {
  readonly packs: PackStore
  readonly repair: Pick<Repair, 'found'>
  readonly packWatch: Pick<PackWatch, 'look'>
  /** A coordinator that is gone is succeeded after this. */
  readonly leaseTtlMs?: number | undefined
}

/**
 * Once a day, in small steps between which everybody else gets their turn, and by one coordinator at a time of those
 * that share a database.
 */
export function createHousekeeping(context: Context, kept: Kept): Housekeeping {
  const { packs, repair, packWatch, leaseTtlMs = LEASE_TTL_MS } = kept
  const { clock, timers, log } = context
  const leases = createLeases(context.metadata, timers.now)
  const lease = underLease(context, { name: UPKEEP_LEASE, leases, ttlMs: leaseTtlMs })
  const stopping = new AbortController()
  let timer: Timer | undefined
  let running: Promise<void> = Promise.resolve()

  const run = (): Promise<boolean> => lease.run(round, stopping.signal)

  /** Its writes are refused once another coordinator has taken over. */
  async function round(metadata: MetadataStore, signal: AbortSignal): Promise<void> {
    // What is removed is kept as it was.
    for (const folder of (await metadata.read((tx) => tx.folders())).filter(isInUse))
      await thin({ ...context, metadata }, folder, signal)
    await collect(metadata, signal)
    await packWatch.look()
    const { damaged, ...read } = await scrub({ metadata, packs, signal })
    for (const chunk of damaged) log.error({ chunk }, 'a chunk is damaged: its bytes are not what they were')
    await repair.found(await lost(packs, damaged))
    log.info({ ...read, damaged: damaged.length }, 'reread every chunk')
  }

  async function collect(metadata: MetadataStore, signal: AbortSignal): Promise<void> {
    const heldUntil = await metadata.read((tx) => tx.setting(HELD_SETTING))
    if (heldUntil !== undefined && clock.now() < Date.parse(heldUntil)) {
      log.info({ heldUntil }, 'removed nothing: packs were read back, and nodes may still tell what is in use')
      return
    }
    const now = (): number => clock.now()
    const sealed = await sealAbandoned({ metadata, packs, leases, holder: UPKEEP_LEASE, now })
    if (sealed.length > 0) log.info({ packs: sealed }, 'sealed the packs of coordinators that are gone')
    const collected = await collectGarbage({ metadata, packs, now, graceMs: GRACE_MS, signal })
    const givenBackBytes = await metadata.giveBackSpace(signal)
    log.info({ collected, givenBackBytes }, 'collected what nothing uses')
  }

  async function runInTurn(): Promise<number> {
    try {
      if (await run()) return DAY_MS
      log.debug({}, 'another coordinator does the housekeeping')
      return leaseTtlMs
    } catch (error) {
      if (!stopping.signal.aborted) log.error({ err: error }, 'the housekeeping failed; it is tried again tomorrow')
      return DAY_MS
    }
  }

  function schedule(afterMs: number): void {
    const begin = () => {
      running = runInTurn().then((nextMs) => {
        if (!stopping.signal.aborted) schedule(nextMs)
      })
    }
    timer = timers.after(afterMs, begin).unref()
  }

  return {
    run,
    start: () => schedule(FIRST_AFTER_MS),
    async stop() {
      stopping.abort()
      timer?.cancel()
      await running
    },
  }
}

/** Those that are lost for good: what the disk only refused to read today may be read tomorrow. */
async function lost(packs: PackStore, damaged: readonly DamagedChunk[]): Promise<readonly PlacedChunk[]> {
  if (damaged.length === 0 || !(await packs.isInPlace())) return []
  return damaged.filter(({ code }) => isDamageCode(code)).map(({ hash, location }) => ({ hash, ...location }))
}

async function thin(
  { metadata, clock, log }: Pick<Context, 'metadata' | 'clock' | 'log'>,
  { id, settings }: FolderRow,
  signal: AbortSignal,
): Promise<void> {
  const now = isoNow(clock)
  const entries = await metadata.read((tx) => entriesOf(tx, id))
  let dropped = 0
  for (let at = 0; at < entries.length; at += ENTRIES_AT_ONCE) {
    signal.throwIfAborted()
    const histories = await metadata.read(async (tx) => {
      const histories: (readonly VersionRow[])[] = []
      for (const entry of entries.slice(at, at + ENTRIES_AT_ONCE)) histories.push(await allVersions(tx, id, entry))
      return histories
    })
    const seqs = histories.flatMap((versions) => versionsToDrop(versions, now, settings)).map(({ seq }) => seq)
    if (seqs.length > 0) await metadata.write((tx) => tx.removeVersions(id, seqs))
    dropped += seqs.length
    await setImmediate()
  }
  log.info({ folder: id, dropped }, 'dropped the versions that the policy no longer keeps')
}

/** Names alone: a million rows would be hundreds of megabytes. */
async function entriesOf(tx: MetadataReader, folder: FolderId): Promise<readonly EntryId[]> {
  const entries: EntryId[] = []
  for await (const { entry } of tx.versionsAsOf(folder, Number.MAX_SAFE_INTEGER)) {
    entries.push(entry)
    if (entries.length % ENTRIES_AT_ONCE === 0) await setImmediate()
  }
  return entries
}

async function allVersions(tx: MetadataReader, folder: FolderId, entry: EntryId): Promise<readonly VersionRow[]> {
  const all: VersionRow[] = []
  for (let before: number | undefined; ;) {
    const page = await tx.versions(folder, entry, { limit: 1000, ...(before !== undefined && { before }) })
    all.push(...page)
    if (page.length < 1000) return all
    before = page.at(-1)?.seq
  }
}
