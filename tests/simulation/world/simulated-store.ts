import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { openSqliteMetadataStore, type MetadataStore } from '@causeway/store'

/** Where files cost no disk. */
const MEMORY_DISK = '/dev/shm'

/** The database of a world: in memory, or in a file where a run sets it back. */
export class SimulatedStore {
  readonly #directory: string | null
  #metadata: MetadataStore

  private constructor(directory: string | null, metadata: MetadataStore) {
    this.#directory = directory
    this.#metadata = metadata
  }

  static async open({ canGoBack }: { readonly canGoBack: boolean }): Promise<SimulatedStore> {
    const base = existsSync(MEMORY_DISK) ? MEMORY_DISK : tmpdir()
    const directory = canGoBack ? mkdtempSync(join(base, 'causeway-world-')) : null
    const path = directory === null ? ':memory:' : pathIn(directory)
    return new SimulatedStore(directory, await openSqliteMetadataStore({ path }))
  }

  get metadata(): MetadataStore {
    return this.#metadata
  }

  /** A backup of now. */
  save(): void {
    const database = new DatabaseSync(pathIn(this.#required()))
    try {
      database.exec(`VACUUM INTO '${backupIn(this.#required())}'`)
    } finally {
      database.close()
    }
  }

  /** Back to the backup. Whoever used the store is gone by now. */
  async restore(): Promise<void> {
    const directory = this.#required()
    await this.#metadata.close()
    for (const ending of ['-wal', '-shm']) rmSync(pathIn(directory) + ending, { force: true })
    copyFileSync(backupIn(directory), pathIn(directory))
    this.#metadata = await openSqliteMetadataStore({ path: pathIn(directory) })
  }

  async close(): Promise<void> {
    await this.#metadata.close()
    if (this.#directory !== null) rmSync(this.#directory, { recursive: true })
  }

  #required(): string {
    if (this.#directory === null) throw new Error('this store was not opened to be set back')
    return this.#directory
  }
}

function pathIn(directory: string): string {
  return join(directory, 'coordinator.sqlite')
}

function backupIn(directory: string): string {
  return join(directory, 'backup.sqlite')
}
