/**
 * Which coordinator's these stores are. The data directory, the database and
 * the pack directory each keep a note of it, so that none is ever taken for a
 * new one because another is missing.
 */
export interface StoreFacts {
  /** The coordinator's id by the data directory, and by the database. */
  readonly coordinator: { readonly directory: string | null; readonly database: string | null }
  /** `empty`: the file is there, and nothing was ever kept in it. */
  readonly database: 'missing' | 'empty' | 'in-use'
  readonly packs: {
    readonly count: number
    /** The packs' own id, and the id of those that the database belongs to. */
    readonly id: string | null
    readonly wanted: string | null
    /**
     * Whether what the index says lies in them is there: tried with a few
     * chunks, where the ids alone do not tell.
     */
    readonly index: 'empty' | 'fits' | 'does-not-fit'
  }
}

export type Mismatch =
  /** Packs, or a coordinator's id, and no database to go with them. */
  | 'no-database'
  /** The database was in use by another coordinator. */
  | 'other-coordinator'
  /** The database belongs to other packs. */
  | 'other-packs'
  /** The database knows chunks, and there is not one pack. */
  | 'no-packs'

/** Null where the stores belong together, or are all new. */
export function mismatchOf({ coordinator, database, packs }: StoreFacts): Mismatch | null {
  if (database !== 'in-use') {
    const wasInUse = packs.count > 0 || packs.id !== null
    // An empty file that the id lies beside alone is a first start that was cut short.
    return wasInUse || (database === 'missing' && coordinator.directory !== null) ? 'no-database' : null
  }
  const { directory } = coordinator
  if (directory !== null && coordinator.database !== null && directory !== coordinator.database)
    return 'other-coordinator'
  if (packs.id !== null && packs.wanted !== null) return packs.id === packs.wanted ? null : 'other-packs'
  if (packs.count === 0) return packs.index === 'empty' ? null : 'no-packs'
  return packs.index === 'fits' ? null : 'other-packs'
}

export interface Paths {
  readonly data: string
  readonly database: string
  readonly packs: string
}

/** What is wrong, and each way on. */
export function mismatchText(mismatch: Mismatch, { data, database, packs }: Paths): string {
  const nothing = 'Nothing was changed.'
  const variable = database.startsWith('postgres:') ? 'DATABASE_URL' : 'DATABASE_PATH'
  const setPath = `if the database is elsewhere, set ${variable} to it (now ${database})`
  const restore = `restore the database that belongs to them from a backup`
  const rebuild = `start once with --rebuild-index, which reads the packs that are there into the index`
  const elsewhere = `if the packs are in an object store, or in another one, name it with --chunks or CHUNKS_URL`
  const anew = `to start over, choose another directory with --data, or move ${packs} and ${data}/coordinator.json away`
  switch (mismatch) {
    case 'no-database':
      return (
        `the database ${database} is missing or empty, but ${data} was in use by a coordinator, with its packs in ${packs}. ${nothing} ` +
        `Options: ${restore}; ${setPath}; ${rebuild} of a new database (history is lost with the old one); ${anew}.`
      )
    case 'other-coordinator':
      return (
        `the database ${database} is of another coordinator than the directory ${data} (coordinator.json). ${nothing} ` +
        `Options: ${setPath}; or give the directory that the database belongs to with --data.`
      )
    case 'other-packs':
      return (
        `the database ${database} does not belong to the packs in ${packs}. ${nothing} ` +
        `Options: ${setPath}; ${elsewhere}; ${restore}; put the packs back that belong to the database; ${rebuild} and has nodes send what is missing from them.`
      )
    case 'no-packs':
      return (
        `the database ${database} knows contents, but there is not one pack in ${packs}. ${nothing} ` +
        `Options: if the packs' disk is not mounted, mount it; ${elsewhere}; put the packs back; ${setPath}; ` +
        `if they are lost for good, start once with --rebuild-index: nodes are then asked to send what they hold.`
      )
  }
}
