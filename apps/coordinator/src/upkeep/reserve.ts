import type { Room } from '@causeway/contents'
import type { Log } from '@causeway/log'
import { sizeInWords, SyncError } from '@causeway/protocol'
import type { Timers } from '@causeway/time'

/** A disk that this coordinator fills. */
export interface Disk {
  /** For whoever runs the coordinator. */
  readonly path: string
  space(): Promise<DiskSpace>
}

export interface DiskSpace {
  /** What this process may still write. */
  readonly freeBytes: number
  readonly totalBytes: number
}

/**
 * Keeps some of the disk free, so that deletes, renames, reads and the cleaning of history never find it full: below
 * that, new contents are refused until there is room again.
 */
export interface Reserve extends Room {
  /** What is short, in plain words; empty where nothing is. */
  problems(): Promise<readonly string[]>
  /** The disk with the least room above its reserve; null where none is watched, or none answers. */
  tightest(): Promise<{ readonly freeBytes: number; readonly reserveBytes: number; readonly isShort: boolean } | null>
}

export interface ReserveOptions {
  readonly disks: readonly Disk[]
  /** What is left free of each; without it, what suits the disk. 0 reserves nothing. */
  readonly reserveBytes: number | undefined
  readonly timers: Pick<Timers, 'now'>
  readonly log: Log
}

interface Measured {
  readonly path: string
  readonly freeBytes: number
  readonly reserveBytes: number
}

interface Reading extends Measured {
  readonly isShort: boolean
}

const MOST_RESERVED_BYTES = 1024 ** 3
const RESERVED_SHARE = 0.05
/** Disks are asked no more often than this; what is written meanwhile is subtracted. */
const KEPT_MS = 1000
/** Refusing ends a little above where it began: else each file that still fits would end it, and begin it again. */
const RESUMES_AT = 1.05

export function createReserve({ disks, reserveBytes, timers, log }: ReserveOptions): Reserve {
  let looked: { readonly at: number; readonly measured: Promise<readonly Measured[]> } | undefined
  let takenBytes = 0
  const short = new Set<string>()
  const silent = new Set<string>()

  async function look(): Promise<readonly Measured[]> {
    takenBytes = 0
    return (await Promise.all(disks.map(read))).filter((reading) => reading !== undefined)
  }

  /** A disk that gives no answer refuses nothing: if it is gone, writing to it says so. */
  async function read(disk: Disk): Promise<Measured | undefined> {
    const { path } = disk
    try {
      const { freeBytes, totalBytes } = await disk.space()
      silent.delete(path)
      return { path, freeBytes, reserveBytes: reserveBytes ?? suiting(totalBytes) }
    } catch (error) {
      if (!silent.has(path)) log.warn({ err: error, path }, 'cannot tell how much of the disk is free')
      silent.add(path)
      return undefined
    }
  }

  function judged({ path, freeBytes: measured, reserveBytes: wanted }: Measured): Reading {
    const freeBytes = Math.max(0, measured - takenBytes)
    const isShort = freeBytes < (short.has(path) ? wanted * RESUMES_AT : wanted)
    if (isShort && !short.has(path)) log.error({ path, freeBytes, reserveBytes: wanted }, SHORT)
    if (!isShort && short.has(path)) log.info({ path, freeBytes, reserveBytes: wanted }, 'new contents are taken again')
    if (isShort) short.add(path)
    else short.delete(path)
    return { path, freeBytes, reserveBytes: wanted, isShort }
  }

  async function readings(): Promise<readonly Reading[]> {
    if (reserveBytes === 0 || disks.length === 0) return []
    if (looked === undefined || timers.now() - looked.at >= KEPT_MS) looked = { at: timers.now(), measured: look() }
    return (await looked.measured).map(judged)
  }

  return {
    async take(sizeBytes) {
      const full = (await readings()).find(({ isShort }) => isShort)
      takenBytes += sizeBytes
      if (full === undefined) return
      throw new SyncError(
        'disk-full',
        `the coordinator takes no new contents: ${leftOf(full)}. Deletes and renames still go through; ` +
          `once there is room, this continues automatically`,
      )
    },
    async problems() {
      return (await readings())
        .filter(({ isShort }) => isShort)
        .map((reading) => `new contents are refused: ${leftOf(reading)}, on the disk of ${reading.path}. ${REMEDY}`)
    },
    async tightest() {
      const [first] = [...(await readings())].sort((a, b) => above(a) - above(b))
      if (first === undefined) return null
      const { freeBytes, reserveBytes: wanted, isShort } = first
      return { freeBytes, reserveBytes: wanted, isShort }
    },
  }
}

export const NO_RESERVE: Reserve = {
  take: async () => undefined,
  problems: async () => [],
  tightest: async () => null,
}

const SHORT = 'new contents are refused until there is more room on the disk; all else continues'
const REMEDY = 'Free some space there, keep versions for a shorter time, or reserve less (--reserve)'

function suiting(totalBytes: number): number {
  return Math.min(MOST_RESERVED_BYTES, Math.floor(totalBytes * RESERVED_SHARE))
}

function above({ freeBytes, reserveBytes }: Measured): number {
  return freeBytes - reserveBytes
}

function leftOf({ freeBytes, reserveBytes }: Measured): string {
  return `${sizeInWords(freeBytes)} of its disk are free, and ${sizeInWords(reserveBytes)} are kept in reserve`
}
