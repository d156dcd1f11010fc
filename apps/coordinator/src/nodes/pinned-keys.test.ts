import { expect, onTestFinished, test } from 'vitest'
import { KeyPinSchema, NodeIdSchema, type KeyPin, type NodeId } from '@causeway/protocol'
import { openSqliteMetadataStore } from '@causeway/store'
import { createPinnedKeys } from './pinned-keys.ts'

const pinOf = (letter: string): KeyPin => KeyPinSchema.parse(letter.repeat(43))
const [old, next] = [pinOf('o'), pinOf('n')]

test('a key lacks on nodes that have not said that they accept it; those that pin none or were removed are not waited for', async () => {
  const metadata = await openSqliteMetadataStore({ path: ':memory:' })
  onTestFinished(() => metadata.close())
  const pinned = createPinnedKeys({ metadata })
  const add = async (name: string, revoked = false, publicKey: string | null = 'a key'): Promise<NodeId> => {
    const id = NodeIdSchema.parse(name)
    const about = { name, address: '', port: 0, publicKey, capabilities: [], watchDirectories: [], version: '0' }
    const at = '2026-12-01T00:00:00.000Z'
    await metadata.write((tx) => tx.putNode({ id, ...about, registeredAt: at, lastSeenAt: at, revoked }))
    return id
  }
  const [learned, late, removed] = [await add('learned'), await add('late'), await add('removed', true)]
  await pinned.noted(await add('by-certificate'), [])
  // It joined a moment ago and was stopped before it said what it pins: its join link had the key.
  const silent = await add('silent')
  await add('registered', false, null)
  for (const node of [learned, late, removed]) await pinned.noted(node, [old])
  await pinned.noted(learned, [old, next])
  expect(await pinned.lacking(next)).toEqual([
    { node: late, name: 'late' },
    { node: silent, name: 'silent' },
  ])
  await pinned.noted(silent, [old])
  expect(await pinned.lacking(old)).toEqual([])
})
