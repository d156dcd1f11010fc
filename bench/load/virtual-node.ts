import { generateKeyPairSync, hash as digest, sign } from 'node:crypto'
import { Agent, request } from 'node:http'
import { createSocket, type NodeSocket } from './node-socket.ts'
import {
  CommitResponseSchema,
  ContentHashSchema,
  decode,
  encode,
  ChallengeResponseSchema,
  ENROLLING,
  enrolMessage,
  EnrolResponseSchema,
  entryIdOf,
  LinkSessionResponseSchema,
  parseJoinLink,
  ROOT_ID,
  signInMessage,
  type CreateOperation,
  type FileContent,
  type FolderId,
  type NodeId,
  type Operation,
} from '@causeway/protocol'

/** A node without a disk: signed in, following one folder, able to commit new files. */
export interface VirtualNode {
  readonly id: NodeId
  readonly socket: NodeSocket
  /** Commits one new file. Returns whether it was taken. */
  commit(name: string, bytes: Uint8Array): Promise<boolean>
  /** Commits new files with the same content, as many as one commit takes. Returns whether all were taken. */
  commitAll(names: readonly string[], bytes: Uint8Array): Promise<boolean>
  /** Commits new files, each with its own content. Returns whether all were taken. */
  commitFiles(files: readonly NewFile[]): Promise<boolean>
  /** Commits a new file and returns how to give it another content, which tells whether that was taken. */
  commitEdited(file: NewFile): Promise<(bytes: Uint8Array) => Promise<boolean>>
  close(): void
}

export interface NewFile {
  readonly name: string
  readonly bytes: Uint8Array
}

/** Tells those to whom it comes how long that took. */
function nowNs(): string {
  return `${BigInt(Math.round((performance.timeOrigin + performance.now()) * 1000)) * 1000n}`
}

export interface NodeWays {
  /** Where it connects from. */
  readonly address?: string | undefined
  /** Whether it looks at every message, to tell how old it is. */
  readonly looksAtAll?: boolean
}

/** Enrols with a join link, signs in, and follows the folder from its present end. */
export async function joinAsNode(
  link: string,
  name: string,
  { address, looksAtAll = false }: NodeWays = {},
): Promise<VirtualNode> {
  const { url, secret } = parseJoinLink(link)
  const agent = new Agent({
    keepAlive: true,
    timeout: 30_000,
    maxSockets: 2,
    ...(address !== undefined && { localAddress: address }),
  })
  const keys = generateKeyPairSync('ed25519')
  const publicKey = Buffer.from(keys.publicKey.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
  const about = { name, address: '127.0.0.1', port: 0, watchDirectories: [], capabilities: [], version: 'load' }

  async function post(path: string, type: string, body: Uint8Array | string, token?: string): Promise<Buffer> {
    const headers = { 'content-type': type, ...(token !== undefined && { authorization: `Bearer ${token}` }) }
    return new Promise((resolve, reject) => {
      const asked = request(new URL(path, url), { method: 'POST', agent, headers }, (answer) => {
        const parts: Buffer[] = []
        answer.on('data', (part: Buffer) => parts.push(part))
        answer.on('error', reject)
        answer.on('end', () => {
          const whole = Buffer.concat(parts)
          if (answer.statusCode === 200) resolve(whole)
          else reject(new Error(`POST ${path}: ${answer.statusCode} ${whole.toString()}`))
        })
      })
      asked.on('error', reject)
      asked.end(body)
    })
  }
  async function json(path: string, body: unknown): Promise<unknown> {
    return JSON.parse((await post(path, 'application/json', JSON.stringify(body))).toString())
  }

  const signed = (message: string) => sign(null, Buffer.from(message), keys.privateKey).toString('base64')
  const asked = ChallengeResponseSchema.parse(await json('/link/v1/challenge', { node: ENROLLING }))
  const proof = { nonce: asked.nonce, signature: signed(enrolMessage(asked.coordinator, asked.nonce, publicKey)) }
  const enrolled = EnrolResponseSchema.parse(await json('/api/v1/enrol', { secret, publicKey, ...proof, ...about }))
  const { node, coordinator, folders } = enrolled
  const [first] = folders
  if (first === undefined) throw new Error('the link was for no folder')
  const folder: FolderId = first.id
  const { nonce } = (await json('/link/v1/challenge', { node })) as { nonce: string }
  const signature = signed(signInMessage(coordinator, nonce))
  const session = LinkSessionResponseSchema.parse(await json('/link/v1/session', { node, nonce, signature }))
  const { token } = session

  const changes = async (body: Uint8Array): Promise<Buffer> =>
    post(`/link/v1/folders/${folder}/changes`, 'application/cbor', body, token)
  const socket = await createSocket({
    url,
    token,
    folder,
    changes,
    looksAtAll,
    ...(address !== undefined && { address }),
  })
  let counter = 0
  function contentOf(bytes: Uint8Array): FileContent {
    const hash = ContentHashSchema.parse(digest('sha256', bytes))
    return { kind: 'file', hash, size: bytes.length, mode: 0o644, mtimeNs: nowNs() }
  }
  function createOf({ name, bytes }: NewFile): CreateOperation {
    counter++
    return {
      kind: 'create',
      counter,
      entry: entryIdOf(node, counter),
      place: { parent: ROOT_ID, name },
      content: contentOf(bytes),
    }
  }
  /** Of what it was told it knows nothing: its files stand on nothing that others made. */
  async function send(before: number, operations: readonly Operation[], contents: readonly Uint8Array[]) {
    const whole = {
      clock: before === 0 ? {} : { [node]: before },
      operations,
      contents: contents.map((bytes) => ({ hash: contentOf(bytes).hash, bytes })),
      manifests: [],
      approved: false,
    }
    const answer = await post(`/link/v1/folders/${folder}/commit`, 'application/cbor', encode(whole), token)
    return decode(CommitResponseSchema, answer).outcomes.every(({ kind }) => kind !== 'refused')
  }
  async function commitAll(names: readonly string[], bytes: Uint8Array): Promise<boolean> {
    const before = counter
    const operations = names.map((name) => createOf({ name, bytes }))
    return send(before, operations, [bytes])
  }
  async function commitFiles(files: readonly NewFile[]): Promise<boolean> {
    const before = counter
    const operations = files.map(createOf)
    return send(
      before,
      operations,
      files.map(({ bytes }) => bytes),
    )
  }
  return {
    id: node,
    socket,
    commit: (name, bytes) => commitAll([name], bytes),
    commitAll,
    commitFiles,
    async commitEdited(file) {
      await commitFiles([file])
      const entry = entryIdOf(node, counter)
      let last = { counter, hash: contentOf(file.bytes).hash }
      return async (bytes) => {
        const before = counter
        counter++
        const content = contentOf(bytes)
        const edit: Operation = {
          kind: 'edit',
          counter,
          entry,
          basedOn: { [node]: last.counter },
          basedOnHash: last.hash,
          content,
        }
        last = { counter, hash: content.hash }
        return send(before, [edit], [bytes])
      }
    },
    close() {
      socket.close()
      agent.destroy()
    },
  }
}
