import { once } from 'node:events'
import { request } from 'node:https'
import { encode, FolderIdSchema, ContentHashSchema, PEER_PATHS } from '@causeway/protocol'
import { expect, onTestFinished, test } from 'vitest'
import { docs, givingNode, memoryGifts, tokenFor, type GivingNode } from './test-support/giving-node.ts'

const CONTENT = ContentHashSchema.parse('c'.repeat(64))
const WHOLE = encode({ folder: docs, content: CONTENT, hashes: [] })

test('a node answers whoever shows a token for the folder that is asked about', async () => {
  const node = await giving()
  expect(await statusOf(node, { token: node.peer.token, body: WHOLE })).toBe(200)
  const other = encode({ folder: FolderIdSchema.parse('other'), content: CONTENT, hashes: [] })
  expect(await statusOf(node, { token: node.peer.token, body: other })).toBe(403)
})

test('of a stranger no byte is read: the refusal comes before the end of what is sent', async () => {
  const node = await giving()
  const strangers = [undefined, 'junk', tokenFor({ giver: node.node, untilMs: 0 })]
  for (const token of strangers) expect(await statusOf(node, { token, body: new Uint8Array(10), more: true })).toBe(403)
})

test('a question is as long as it may be, and no longer', async () => {
  const node = await giving()
  const sized = (bytes: number) => statusOf(node, { token: node.peer.token, body: new Uint8Array(bytes) })
  expect([await sized(512 * 1024), await sized(512 * 1024 + 1)]).toEqual([400, 413])
})

async function giving(): Promise<GivingNode> {
  const node = await givingNode('oak', memoryGifts([]))
  onTestFinished(() => node.close())
  return node
}

interface Asking {
  readonly token: string | undefined
  readonly body: Uint8Array
  /** More is announced than is ever sent. */
  readonly more?: boolean
}

async function statusOf({ peer }: GivingNode, { token, body, more = false }: Asking): Promise<number | undefined> {
  const asking = request({
    host: '127.0.0.1',
    port: peer.port,
    path: PEER_PATHS.have,
    method: 'POST',
    agent: false,
    rejectUnauthorized: false,
    headers: {
      'content-length': more ? body.length + 1 : body.length,
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    },
  })
  asking.on('error', () => undefined)
  const answered = once(asking, 'response')
  asking.write(body)
  if (!more) asking.end()
  const [{ statusCode }] = await answered
  asking.destroy()
  return statusCode
}
