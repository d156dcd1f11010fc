import { createHash, randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { ChunkIdSchema } from '@causeway/protocol'
import { openPackDirectory } from '../packs/open-pack-directory.ts'
import { openSqliteMetadataStore } from '../sqlite/open-sqlite-metadata-store.ts'

// Stores chunks as a coordinator does, several at once, and prints the hash of each when it is acknowledged.

const directory = process.argv[2]
if (directory === undefined) throw new Error('usage: store-until-killed DIRECTORY')
const packs = await openPackDirectory({ path: join(directory, 'packs'), maxPackBytes: 100_000 })
const metadata = await openSqliteMetadataStore({ path: join(directory, 'causeway.db') })
await Promise.all(Array.from({ length: 4 }, storeForever))

async function storeForever(): Promise<never> {
  for (;;) {
    const bytes = randomBytes(1 + Math.floor(Math.random() * 5000))
    const hash = ChunkIdSchema.parse(createHash('sha256').update(bytes).digest('hex'))
    const chunk = { hash, size: bytes.length, compressed: false, bytes }
    const [location] = await packs.append([chunk])
    if (location === undefined) throw new Error('an append gave no location')
    await metadata.write((tx) => tx.addChunks([{ hash, size: chunk.size, compressed: false, ...location }]))
    process.stdout.write(`${hash}\n`)
  }
}
