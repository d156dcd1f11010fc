import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { zstdCompressSync } from 'node:zlib'
import { expect, test } from 'vitest'
import {
  encode,
  EnrolResponseSchema,
  entryIdOf,
  LIMITS,
  NodeIdSchema,
  parseJoinLink,
  type Operation,
} from '@causeway/protocol'
import WebSocket from 'ws'
import {
  createOf,
  enrolRequest,
  fileOf,
  signInAs,
  type TestNode,
} from '../apps/coordinator/src/test-support/running.ts'
import { startCoordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { shared } from './support/hooks.ts'
import { startNode } from './support/node.ts'
import { scratchDirectory } from './support/scratch.ts'

/** Mallory has an ordinary join link to the folder of two honest nodes, and says over the wire whatever helps her. */
const scene = shared(async (life) => {
  const scratch = await scratchDirectory(life, 'malicious-node')
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const start = (name: string, folder: string) =>
    startNode(life, { coordinator, dir: join(scratch, name), name, folder })
  const ash = await start('ash', 'default')
  const birch = await start('birch', 'default')
  const cedar = await start('cedar', 'private')
  await writeFile(cedar.path('secret.txt'), SECRET)
  await cedar.wait()
  for (let i = 0; i < 30; i++) await writeFile(ash.path(`file-${i}`), `honest ${i}`)
  await converged([ash, birch])
  const mallory = await enrolled(coordinator.url, await coordinator.invite({ folder: 'default' }))
  return { coordinator, ash, birch, cedar, mallory }
})

const SECRET = Buffer.alloc(200_000, 'of cedar alone')

test('forged vectors, ids of others and counters without end change nothing for anybody', async () => {
  const { mallory } = scene()
  const { states, clock } = await mallory.changes()
  const [target] = states.filter(({ name }) => name === 'file-0')
  if (target === undefined) throw new Error('there is no file to attack')
  const { content, named } = fileOf('forged')
  const edit = { kind: 'edit', entry: target.id, basedOnHash: '', content } as const
  const forged: readonly Operation[] = [
    { ...edit, counter: 1, basedOn: { ...clock, ash: 2 ** 40 } },
    { ...edit, counter: 1, basedOn: { nobody: 1 } },
    {
      ...createOf(mallory.id, 1, 'taken', content),
      entry: entryIdOf(NodeIdSchema.parse(Object.keys(target.contentVector)[0]), 10_000),
    },
    { ...createOf(mallory.id, LIMITS.counter, 'far', content) },
    { kind: 'offer', counter: 1, state: { ...target, contentVector: { ash: 2 ** 47 }, deleted: true } },
    { kind: 'delete', counter: 1, entry: target.id, seenContent: { ash: 2 ** 40 }, seenPlace: {}, subtree: true },
  ]
  for (const operation of forged) {
    const { outcomes } = await mallory.commit({ operations: [operation], contents: [named] })
    expect([operation.kind, outcomes[0]?.kind]).toEqual([operation.kind, 'refused'])
  }
  await expectHonest()
})

test('what another folder holds can be neither asked for nor claimed by its hash', async () => {
  const { mallory, coordinator } = scene()
  const { content } = fileOf(SECRET)
  const manifest = await mallory.call('manifest', encode({ content: content.hash }))
  const fetched = await mallory.call('chunks/fetch', encode({ hashes: [content.hash] }))
  const elsewhere = await fetch(`${coordinator.url}/link/v1/folders/private/changes`, {
    method: 'POST',
    headers: { authorization: `Bearer ${mallory.token}`, 'content-type': 'application/cbor' },
    body: Buffer.from(encode({ cursor: { epoch: '', seq: 0, tag: '' }, limit: 10 })),
  })
  expect([manifest.ok, fetched.ok, elsewhere.ok]).toEqual([false, false, false])
  const claimed = await mallory.commit({ operations: [createOf(mallory.id, 1, 'stolen', content)] })
  expect(claimed.outcomes[0]?.kind).toBe('refused')
  await expectHonest()
})

test('messages that are built to be expensive are refused at once', async () => {
  const { mallory } = scene()
  const digits = Buffer.alloc(1_000_006, 0xff)
  digits.set([0xc2, 0x5a])
  digits.writeUInt32BE(1_000_000, 2)
  const nested = Buffer.alloc(1_000_000, 0x81)
  const bomb = zstdCompressSync(new Uint8Array(32 * 1024 * 1024))
  const packed = { 'content-encoding': 'zstd' }
  const answers = [
    await mallory.call('commit', digits),
    await mallory.call('commit', nested),
    await mallory.call('commit', bomb, packed),
  ]
  expect(answers.map(({ status }) => status)).toEqual([400, 400, 413])
  // Whoever is still sending may see the connection end before the answer.
  const tooLarge = await mallory.call('commit', new Uint8Array(LIMITS.messageBytes + 1)).catch(() => null)
  expect(tooLarge?.status ?? 413).toBe(413)
  const socket = await mallory.socket()
  socket.sendRaw(digits)
  expect(await socket.closed).toBe(1007)
  await expectHonest()
})

test('a flood of requests, sockets and bytes leaves the others their turn', async () => {
  const { mallory, coordinator } = scene()
  const sockets = Array.from({ length: 30 }, () => floodingSocket(coordinator.url, mallory))
  const large = Array.from({ length: 80 }, () => mallory.call('commit', randomBytes(400_000)).catch(() => null))
  const small = Array.from({ length: 150 }, () => mallory.call('changes', encode({})).catch(() => null))
  await expectHonest()
  const answers = await Promise.all([...large, ...small])
  // Some come to be read, and are no CBOR; those above what one node may have open are turned away, or cut off.
  const statuses = new Set(answers.map((one) => one?.status ?? 429))
  expect([...statuses].filter((status) => ![400, 408, 429].includes(status))).toEqual([])
  expect(statuses).toContain(429)
  for (const socket of await Promise.all(sockets)) socket.terminate()
  await expectHonest()
})

let saves = 0

/** What an honest node saves arrives at the other as it was, and all that was there is there. */
async function expectHonest(): Promise<void> {
  const { ash, birch, cedar } = scene()
  const [name, text] = [`save-${saves}`, `saved ${saves++}`]
  await writeFile(ash.path(name), text)
  await eventually('birch has it', async () => expect((await birch.view())[name]).toBe(text))
  const tree = await converged([ash, birch])
  const view = await birch.view()
  for (let i = 0; i < 30; i++) expect(view[`file-${i}`]).toBe(`honest ${i}`)
  expect(tree.size).toBe(30 + saves)
  expect((await cedar.status()).state).toBe('idle')
}

async function enrolled(url: string, link: string): Promise<TestNode> {
  const keys = generateKeyPairSync('ed25519')
  const { secret } = parseJoinLink(link)
  const answer = await fetch(`${url}/api/v1/enrol`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(await enrolRequest(url, { secret, keys, name: 'mallory' })),
  })
  const { node } = EnrolResponseSchema.parse(await answer.json())
  return signInAs(url, node, keys.privateKey)
}

async function floodingSocket(url: string, { token }: TestNode): Promise<WebSocket> {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/link/v1/socket`, {
    headers: { authorization: `Bearer ${token}` },
  })
  socket.on('error', () => undefined)
  await new Promise((resolve) => socket.once('open', resolve).once('close', resolve))
  const follow = encode({ kind: 'follow', folder: 'default', cursor: { epoch: '', seq: 0, tag: '' } })
  for (let sent = 0; sent < 200; sent++) socket.send(follow, () => undefined)
  socket.pause()
  return socket
}
