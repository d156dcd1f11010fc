import { createClient, type Client } from '@causeway/client'
import { createDialler } from '../link/dialler.ts'
import type { NodeRecord } from '../state/node-record.ts'
import { readEnrolment } from '../state/state-directory.ts'
import { openLink } from './compose.ts'

/** Runs `work` with the coordinator's REST interface, signed in as the node of a state directory. */
export async function asNode<T>(root: string, work: (client: Client, record: NodeRecord) => Promise<T>): Promise<T> {
  const { record, key } = await readEnrolment(root)
  const dialler = createDialler(record.coordinator)
  const link = openLink(record, { key }, { dialler })
  try {
    const client = createClient({ url: dialler.url, token: await link.session.token(), fetch: dialler.fetch })
    return await work(client, record)
  } finally {
    await link.close()
  }
}
