import type { MetadataStore } from '../metadata-store.ts'
import { openPostgresMetadataStore } from '../postgres/open-postgres-metadata-store.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'

/** The store of a script: a path, or an address of PostgreSQL. */
export function openMetadata(where: string): Promise<MetadataStore> {
  return where.startsWith('postgres:')
    ? openPostgresMetadataStore({ url: where })
    : openSqliteMetadataStore({ path: where })
}
