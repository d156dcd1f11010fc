import { join } from 'node:path'
import { z } from 'zod'
import { readFileIfThere, replaceFile } from '@causeway/disk'
import { check, SyncError } from '@causeway/protocol'
import type { MetadataStore } from '@causeway/store'
import { makeKey } from './made-certificate.ts'

const SETTING = 'tls-keys'

const TlsKeysSchema = z.object({
  /** Counts the changes: of two copies the higher one is right. */
  generation: z.int().min(1),
  /** The private key in use, PEM. */
  key: z.string(),
  /** The one that will take its place, while nodes learn of it. */
  next: z.string().nullable(),
})

/** The private keys of certificates that the coordinator makes itself. */
export type TlsKeys = z.infer<typeof TlsKeysSchema>

/**
 * The keys that all coordinators on a store share, made if there are none.
 * They are kept twice, in the store and in the data directory: nodes have
 * pinned them, so they must outlive the loss of either, and a store that was
 * restored from an older copy must not bring back a key that nodes have
 * dropped.
 */
export async function openTlsKeys(directory: string, metadata: MetadataStore): Promise<TlsKeys> {
  const kept = await readKept(directory)
  const keys = await metadata.write(async (tx) => {
    const stored = parseKeys(await tx.setting(SETTING), 'the database')
    const newest = newer(stored, kept) ?? { generation: 1, key: makeKey(), next: null }
    if (newest !== stored) await tx.putSetting(SETTING, JSON.stringify(newest))
    return newest
  })
  if (keys !== kept) await keepTlsKeys(directory, keys)
  return keys
}

/** As they are in the store now. */
export async function readTlsKeys(metadata: MetadataStore): Promise<TlsKeys | undefined> {
  return parseKeys(await metadata.read((tx) => tx.setting(SETTING)), 'the database')
}

/** Writes what becomes of the keys, in the store first. Throws `outdated` where another coordinator changed them meanwhile. */
export async function changeTlsKeys(
  { directory, metadata }: { readonly directory: string; readonly metadata: MetadataStore },
  before: TlsKeys,
  change: Pick<TlsKeys, 'key' | 'next'>,
): Promise<TlsKeys> {
  const after = { ...change, generation: before.generation + 1 }
  await metadata.write(async (tx) => {
    const stored = parseKeys(await tx.setting(SETTING), 'the database')
    if (stored?.generation !== before.generation)
      throw new SyncError('outdated', 'another coordinator has changed the TLS keys just now: look again')
    await tx.putSetting(SETTING, JSON.stringify(after))
  })
  await keepTlsKeys(directory, after)
  return after
}

/** The copy in the data directory, for its owner alone. */
export function keepTlsKeys(directory: string, keys: TlsKeys): Promise<void> {
  return replaceFile(pathIn(directory), `${JSON.stringify(keys, null, 2)}\n`)
}

function newer(a: TlsKeys | undefined, b: TlsKeys | undefined): TlsKeys | undefined {
  if (a === undefined || b === undefined) return a ?? b
  return b.generation > a.generation ? b : a
}

async function readKept(directory: string): Promise<TlsKeys | undefined> {
  const path = pathIn(directory)
  return parseKeys(await readFileIfThere(path), path)
}

function pathIn(directory: string): string {
  return join(directory, 'tls-keys.json')
}

function parseKeys(text: string | undefined, where: string): TlsKeys | undefined {
  if (text === undefined) return undefined
  try {
    return check(TlsKeysSchema, JSON.parse(text))
  } catch (cause) {
    throw new SyncError('io-error', `the TLS keys in ${where} are damaged`, { cause })
  }
}
