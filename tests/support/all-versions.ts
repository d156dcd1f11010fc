import { createHash } from 'node:crypto'
import { createClient } from '@causeway/client'
import type { Coordinator } from './coordinator.ts'
import { eventsAfter } from './api.ts'

const AT_ONCE = 8

/** Every event, each with the SHA-256 of the bytes that its version of a file has, downloaded. */
export async function allVersions(coordinator: Pick<Coordinator, 'url'>): Promise<readonly string[]> {
  const client = createClient({ url: coordinator.url })
  const events = await eventsAfter(coordinator, 0)
  const found: string[] = []
  for (let at = 0; at < events.length; at += AT_ONCE) {
    const some = events.slice(at, at + AT_ONCE).map(async ({ position, folder, seq, kind, path, sizeBytes }) => {
      const bytes = sizeBytes === null || kind === 'delete' ? null : await client.versionContent(folder, seq)
      const sum = bytes === null ? '-' : sha256(new Uint8Array(await bytes.arrayBuffer()))
      return `${position} ${folder} ${seq} ${kind} ${path} ${sum}`
    })
    found.push(...(await Promise.all(some)))
  }
  return found
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}
