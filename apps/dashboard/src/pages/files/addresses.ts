import { pathOf, REST_ROUTES } from '@causeway/protocol'
import { parentOf } from './paths.ts'
import type { Row } from './row.ts'

/** Longer ones are refused before anyone reads them. */
const ADDRESS_LENGTH = 12_000

export function downloadAddress(folder: string, entry: string): string {
  const path = pathOf(REST_ROUTES.original.downloadById, { id: entry })
  return `${path}?${new URLSearchParams({ folder }).toString()}`
}

export function versionAddress(folder: string, seq: number): string {
  return pathOf(REST_ROUTES.history.versionContent, { folder, seq })
}

/** An archive of a directory, or of several entries; null where there are too many to name. */
export function archiveAddress(
  folder: string,
  paths: readonly string[],
  /** What right in the one directory is left out. */
  except: readonly string[] = [],
): string | null {
  const named = (name: string, values: readonly string[]): string[][] => values.map((value) => [name, value])
  const query = new URLSearchParams([...named('path', paths), ...named('except', except)])
  const address = `${pathOf(REST_ROUTES.entries.archive, { folder })}?${query.toString()}`
  return address.length > ADDRESS_LENGTH ? null : address
}

/** The page that shows an entry: a directory with what is in it, anything else beside what is around it. */
export function pageAddress(folder: string, { id, path, kind }: Pick<Row, 'id' | 'path' | 'kind'>): string {
  const directory = kind === 'directory' ? path : parentOf(path)
  const query = new URLSearchParams({ folder, ...(directory !== '' && { path: directory }) })
  if (kind !== 'directory') query.set('entry', id)
  return `/?${query.toString()}`
}
