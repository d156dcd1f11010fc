/** Longer ones are refused before anyone reads them. */
const ADDRESS_LENGTH = 12_000

export function downloadAddress(folder: string, entry: string): string {
  return `/api/files/${encodeURIComponent(entry)}/download?${new URLSearchParams({ folder }).toString()}`
}

export function versionAddress(folder: string, seq: number): string {
  return `/api/v1/folders/${encodeURIComponent(folder)}/versions/${seq}/content`
}

/** An archive of a directory, or of several entries; null where there are too many to name. */
export function archiveAddress(folder: string, paths: readonly string[]): string | null {
  const query = new URLSearchParams(paths.map((path) => ['path', path]))
  const address = `/api/v1/folders/${encodeURIComponent(folder)}/archive?${query.toString()}`
  return address.length > ADDRESS_LENGTH ? null : address
}
