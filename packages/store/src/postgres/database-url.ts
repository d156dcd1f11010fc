import { SyncError } from '@causeway/protocol'

export interface DatabaseAddress {
  /** For the driver, as it was given but for what is said here besides. */
  readonly url: string
  /** Where all tables are. */
  readonly schema: string
  /** For people and logs: without user and password. */
  readonly name: string
}

const DEFAULT_SCHEMA = 'causeway'

/** Takes `postgres://user:password@host:port/database?schema=name` apart. Throws `bad-request`, without the password. */
export function databaseAddress(text: string): DatabaseAddress {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['postgres:', 'postgresql:'].includes(url.protocol)) {
    // The text is not repeated, nor is the parser's error: either may hold a password.
    throw new SyncError('bad-request', 'the database must be given as postgres://USER:PASSWORD@HOST:PORT/DATABASE')
  }
  const schema = url.searchParams.get('schema') ?? DEFAULT_SCHEMA
  url.searchParams.delete('schema')
  const host = url.searchParams.get('host') ?? url.host
  return { url: url.href, schema, name: `postgres://${host}${url.pathname}${named(schema)}` }
}

function named(schema: string): string {
  return schema === DEFAULT_SCHEMA ? '' : ` (schema ${schema})`
}
