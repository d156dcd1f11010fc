import { decodeManifest, type FolderId } from '@causeway/protocol'
import { setImmediate } from 'node:timers/promises'
import type { ManifestRow, MetadataReader } from '../metadata-store.ts'
import { HashMarks } from './hash-marks.ts'

/** How far the logs and the manifests had grown when they were looked at. */
export interface Horizon {
  readonly heads: ReadonlyMap<FolderId, number>
  readonly manifests: number
}

export const START: Horizon = { heads: new Map(), manifests: 0 }

const PAGE_ROWS = 500

/** The contents that live entries and kept versions beyond a horizon hold. */
export async function usedContents(tx: MetadataReader, from: Horizon): Promise<{ used: HashMarks; horizon: Horizon }> {
  const used = new HashMarks()
  const heads = new Map<FolderId, number>()
  for (const { id, head } of await tx.folders()) {
    heads.set(id, head)
    let count = 0
    for await (const content of tx.referencedContents(id, from.heads.get(id) ?? 0)) {
      used.add(content)
      if (++count % PAGE_ROWS === 0) await setImmediate()
    }
  }
  return { used, horizon: { heads, manifests: from.manifests } }
}

/** The chunks of those contents. Every manifest that is still kept counts as a user of its chunks, too. */
export async function usedChunks(tx: MetadataReader, from: Horizon): Promise<{ used: HashMarks; horizon: Horizon }> {
  const { used, horizon } = await usedContents(tx, from)
  let last = from.manifests
  for await (const { order, chunks } of manifestRows(tx, from.manifests)) {
    for (const { hash } of decodeManifest(chunks)) used.add(hash)
    last = order
  }
  return { used, horizon: { ...horizon, manifests: last } }
}

/** Long lists are walked in steps, so that the rest of the process goes on. */
export async function* manifestRows(tx: MetadataReader, after: number): AsyncGenerator<ManifestRow> {
  for (let order = after; ;) {
    const page = await tx.manifestsAfter(order, PAGE_ROWS)
    yield* page
    const last = page.at(-1)
    if (!last) return
    order = last.order
    await setImmediate()
  }
}
