import { rename, writeFile } from 'node:fs/promises'
import type { SyncNode } from './node.ts'

/** Saves a file as editors do, so that a node never comes upon a part of it, however busy the machine is. */
export async function saveWhole(node: SyncNode, path: string, content: string | Uint8Array): Promise<void> {
  const aside = `${node.dir}.saving`
  await writeFile(aside, content)
  await rename(aside, node.path(path))
}
