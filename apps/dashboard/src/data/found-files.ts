import type { FileView, FolderView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from './client.ts'

const SHORTEST_SEARCH = 2
const MOST_FROM_A_FOLDER = 8

export interface FoundFile {
  readonly folder: FolderView
  readonly file: FileView
}

/** Files of any of the folders with these letters in their path; nothing for a single letter. */
export function useFoundFiles(folders: readonly FolderView[], search: string): readonly FoundFile[] {
  const wanted = search.trim()
  const { data } = useQuery({
    queryKey: ['found-files', wanted, folders.map(({ id }) => id)],
    queryFn: async () => {
      const asked = folders.map(async (folder) => {
        const { files } = await client.files({ folder: folder.id, search: wanted, limit: MOST_FROM_A_FOLDER })
        return files.map((file) => ({ folder, file }))
      })
      return (await Promise.all(asked)).flat()
    },
    enabled: wanted.length >= SHORTEST_SEARCH && folders.length > 0,
    // What was found a minute ago may have been renamed since.
    staleTime: 0,
    placeholderData: (before) => before,
  })
  return wanted.length >= SHORTEST_SEARCH ? (data ?? []) : []
}
