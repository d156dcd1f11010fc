import { randomBytes } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync } from 'node:fs'
import { SyncError } from '@causeway/protocol'
import type { StagedFile, Stat } from '../files.ts'
import type { Spot } from './directories.ts'
import { stagingSpot, type DiskContext } from './disk-context.ts'
import { errnoOf } from './disk-error.ts'
import { toStat } from './disk-stat.ts'

/** How many finished files may keep their handle until they are synced: an fsync through it needs no right to read. */
const MAX_HANDLES = 64

/** A file that is written and has no place in the tree yet. */
export interface StagedRecord {
  readonly stat: Stat
  fd: number | undefined
  isSynced: boolean
  /** False for one that exists by its handle alone. */
  isNamed: boolean
  /** Where it lies while it is being placed. */
  away: { readonly at: Spot; readonly name: string } | undefined
}

/** Keeps account of this run's staged files, and of the handles that they hold. */
export class StagedFiles {
  readonly #context: DiskContext
  // A process id comes again, and what an earlier run left may be kept: no name may meet one of those.
  readonly #run = randomBytes(5).toString('hex')
  readonly #staged = new Map<string, StagedRecord>()
  readonly #unfinished = new Set<string>()
  #lastName = 0
  #handles = 0
  #unnamedHandles = 0
  // Write errors are reported to handles that were open before them: this one is held while anything is staged.
  #syncHandle: number | undefined

  constructor(context: DiskContext) {
    this.#context = context
  }

  /** The handle through which all that was staged can be made durable; `undefined` while nothing is. */
  get syncHandle(): number | undefined {
    return this.#syncHandle
  }

  get unnamedHandles(): number {
    return this.#unnamedHandles
  }

  /** True if one more finished file may keep its handle. */
  get hasHandlesLeft(): boolean {
    return this.#handles < MAX_HANDLES
  }

  holdSyncHandle(): number {
    const { prefix } = stagingSpot(this.#context)
    this.#syncHandle ??= openSync(prefix, constants.O_RDONLY | constants.O_DIRECTORY)
    return this.#syncHandle
  }

  freshName(): string {
    this.#lastName += 1
    return `${this.#run}-${this.#lastName.toString(36)}`
  }

  /** Begins a file that has a name. */
  create(): { name: string; fd: number } {
    this.holdSyncHandle()
    const spot = stagingSpot(this.#context)
    for (;;) {
      const name = this.freshName()
      try {
        const fd = openSync(`${spot.prefix}/${name}`, NEW_FILE, 0o600)
        this.#unfinished.add(name)
        return { name, fd }
      } catch (cause) {
        if (errnoOf(cause) !== 'EEXIST') throw cause
      }
    }
  }

  /** All of a file is written. Closes its handle unless `keepsHandle`. */
  finished(
    { name, fd, isNamed }: { readonly name: string; readonly fd: number; readonly isNamed: boolean },
    { stat, keepsHandle, isSynced }: { readonly stat: Stat; readonly keepsHandle: boolean; readonly isSynced: boolean },
  ): StagedFile {
    if (!keepsHandle) closeSync(fd)
    else if (isNamed) this.#handles += 1
    else this.#unnamedHandles += 1
    this.#unfinished.delete(name)
    this.#staged.set(name, { stat, fd: keepsHandle ? fd : undefined, isSynced, isNamed, away: undefined })
    return { id: name, size: stat.size }
  }

  /** Throws `internal` if it is not staged. */
  recordOf(file: StagedFile): StagedRecord {
    const record = this.#staged.get(file.id)
    if (record === undefined) throw new SyncError('internal', `there is no staged file ${file.id}`)
    return record
  }

  /** True if something lies in the staging area under its name. */
  isNamed(file: StagedFile): boolean {
    return this.#staged.get(file.id)?.isNamed ?? this.#unfinished.has(file.id)
  }

  /** True for a file of this run. */
  isOurs(name: string): boolean {
    return this.#staged.has(name) || this.#unfinished.has(name)
  }

  letGo(record: StagedRecord): void {
    if (record.fd === undefined) return
    closeSync(record.fd)
    record.fd = undefined
    if (record.isNamed) this.#handles -= 1
    else this.#unnamedHandles -= 1
  }

  /** The file has left the staging area. */
  taken(file: StagedFile): void {
    const record = this.#staged.get(file.id)
    if (record !== undefined) this.letGo(record)
    this.#staged.delete(file.id)
    this.#unfinished.delete(file.id)
    if (this.#staged.size > 0 || this.#unfinished.size > 0 || this.#syncHandle === undefined) return
    closeSync(this.#syncHandle)
    this.#syncHandle = undefined
  }
}

export function statOf(fd: number): Stat {
  return toStat(fstatSync(fd, { bigint: true }))
}

const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW
