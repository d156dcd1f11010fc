import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { SyncError } from '@causeway/protocol'
import { diskError, errnoOf } from '../disk/disk-error.ts'

/** Hands out a node's counters. */
export interface CounterSource {
  /** Takes the next `count` and returns the first. */
  take(count: number): number
  /** Makes sure that none up to `atLeast` is handed out. */
  raise(atLeast: number): void
  /** Up to here, counters are spoken for. */
  reserved(): number
  /** Writes down exactly how far it got, so that the next run goes on without a gap. */
  close(): void
}

/**
 * Counters with a file that says up to which they are spoken for. The file is
 * written, and synced, before a counter above that is handed out: `BLOCK` at a
 * time, so that it costs nothing a counter. What a killed process did not use
 * of its block is never used: counters may have gaps, but none comes twice.
 *
 * It stands beside the database because that may lose its last commits at a
 * power cut, and because a rolled-back transaction must not give counters back.
 * `floor` is what the database knows to be used, for a file that was lost.
 */
export function openCounterFile(path: string | undefined, floor: number): CounterSource {
  let used = Math.max(floor, path === undefined ? 0 : readCounter(path))
  let reserved = used

  function reserveUpTo(counter: number): void {
    if (counter <= reserved) return
    const upTo = counter + BLOCK
    if (path !== undefined) writeCounter(path, upTo)
    reserved = upTo
  }

  return {
    take(count) {
      if (!Number.isSafeInteger(count) || count < 1) throw new SyncError('internal', `cannot take ${count} counters`)
      const first = used + 1
      reserveUpTo(used + count)
      used += count
      return first
    },
    raise(atLeast) {
      if (atLeast <= used) return
      reserveUpTo(atLeast)
      used = atLeast
    },
    reserved: () => reserved,
    close() {
      if (path === undefined || reserved === used) return
      writeCounter(path, used)
      reserved = used
    },
  }
}

const BLOCK = 1000

function readCounter(path: string): number {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    if (errnoOf(cause) === 'ENOENT') return 0
    throw diskError(`cannot read the counter file ${path}`, cause)
  }
  const counter = Number(text)
  if (Number.isSafeInteger(counter) && counter >= 0 && text.trim() !== '') return counter
  throw new SyncError('io-error', `the counter file ${path} is damaged: it holds ${JSON.stringify(text.slice(0, 40))}`)
}

function writeCounter(path: string, counter: number): void {
  try {
    writeFileSync(`${path}.new`, `${counter}\n`, { mode: 0o600, flush: true })
    renameSync(`${path}.new`, path)
    const directory = openSync(dirname(path), 'r')
    try {
      fsyncSync(directory)
    } finally {
      closeSync(directory)
    }
  } catch (cause) {
    throw diskError(`cannot write the counter file ${path}`, cause)
  }
}
