import { decodeManifest } from '@causeway/protocol'
import { setImmediate } from 'node:timers/promises'
import type { ManifestRow, MetadataReader } from '../metadata-store.ts'
import { HashMarks } from './hash-marks.ts'

const PAGE_ROWS = 500

/** The contents that live entries and kept versions hold. */
export async function usedContents(tx: MetadataReader): Promise<HashMarks> {
  const used = new HashMarks()
  for (const { id } of await tx.folders()) {
    let count = 0
    for await (const content of tx.referencedContents(id)) {
      used.add(content)
      if (++count % PAGE_ROWS === 0) await setImmediate()
    }
  }
  return used
}

/** The chunks of those contents. Every manifest that is still kept counts as a user of its chunks, too. */
export async function usedChunks(tx: MetadataReader): Promise<HashMarks> {
  const used = await usedContents(tx)
  for await (const { chunks } of manifestRows(tx)) {
    for (const { hash } of decodeManifest(chunks)) used.add(hash)
  }
  return used
}

/** Long lists are walked in steps, so that the rest of the process goes on. */
export async function* manifestRows(tx: MetadataReader): AsyncGenerator<ManifestRow> {
  for (let order = 0; ;) {
    const page = await tx.manifestsAfter(order, PAGE_ROWS)
    yield* page
    const last = page.at(-1)
    if (!last) return
    order = last.order
    await setImmediate()
  }
}
