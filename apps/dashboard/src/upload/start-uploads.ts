import type { FolderId, NodeId } from '@causeway/protocol'
import { client } from '../data/client.ts'
import { count } from '../parts/format.ts'
import { tellFailure } from '../pages/files/undo.tsx'
import { uploads } from './page-uploads.ts'
import { planUpload, type Given } from './plan.ts'

let owner: NodeId | null = null

/** In whose name files are uploaded, until that is changed; null: in nobody's. */
export const uploadOwner = {
  get: (): NodeId | null => owner,
  set(next: NodeId | null): void {
    owner = next
  },
}

const NAMED = 3

/** Uploads what was given into a directory. What cannot be uploaded is told; the rest goes. */
export async function startUploads(folder: FolderId, into: string, given: Promise<Given>): Promise<void> {
  try {
    const { files, directories, refused } = planUpload(await given, into)
    if (refused.length > 0) {
      const named = refused.slice(0, NAMED).map(({ path, why }) => `${path}: ${why}`)
      const more = refused.length > NAMED ? `, and ${count(refused.length - NAMED)} more` : ''
      tellFailure(`upload ${count(refused.length)} of these`, new Error(`${named.join('; ')}${more}`))
    }
    uploads.add(files, { folder, owner })
    for (const directory of directories) await client.makeDirectory(folder, directory)
  } catch (error) {
    tellFailure('upload this', error)
  }
}
