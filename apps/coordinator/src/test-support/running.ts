import { generateKeyPairSync, hash as digest, sign, type KeyObject, type KeyPairKeyObjectResult } from 'node:crypto'
import { openMemoryPackStore, openSqliteMetadataStore, type MetadataStore, type PackStore } from '@causeway/store'
import {
  ChangeBatchSchema,
  CHUNK_FRAMES_TYPE,
  CommitResponseSchema,
  ContentHashSchema,
  decode,
  encode,
  ENROLLING,
  enrolMessage,
  EnrolResponseSchema,
  entryIdOf,
  FolderIdSchema,
  LinkSessionResponseSchema,
  type LinkSessionResponse,
  LOG_START,
  onlyChunkOf,
  parseJoinLink,
  ROOT_ID,
  signInMessage,
  SyncError,
  type Access,
  type ChangeBatch,
  type ChunkRef,
  type CommitRequest,
  type CommitResponse,
  type CoordinatorMessage,
  type EnrolRequest,
  type CreateOperation,
  type Cursor,
  type FileContent,
  type NodeId,
  type NodeMessage,
  type SmallContent,
} from '@causeway/protocol'
import WebSocket from 'ws'
import type { Log } from '@causeway/log'
import { systemTimers, type Clock } from '@causeway/time'
import { OWNER } from '../access/find-credential.ts'
import type { Acting } from '../ports/acting.ts'
import { createCoordinator, type Coordinator } from '../coordinator.ts'
import type { App } from '../http/app.ts'
import type { Connections } from '../http/connections.ts'
import type { Drain } from '../http/drain.ts'
import { listen, type Listening } from '../http/listen.ts'
import { currentRequest } from '../http/request-log.ts'
import type { OpenIdSettings } from '../http/open-id-routes.ts'
import { createPasswords } from '../people/passwords.ts'
import { createServer } from '../server.ts'
import type { Reserve } from '../upkeep/reserve.ts'
import { readSocketMessage } from './socket-messages.ts'

export const DEFAULT_FOLDER = FolderIdSchema.parse('default')
/** What the tests do as the admin, past the server. */
export const BY_ADMIN: Acting = { folder: DEFAULT_FOLDER, by: { kind: 'person', ...OWNER.person } }
export const ADMIN_TOKEN = 'the-admin-token-of-the-tests'

/** An answer that the test itself looks into. */
type Json = ReturnType<typeof JSON.parse>

export async function json(response: Response): Promise<Json> {
  return JSON.parse(await response.text())
}

/** A coordinator on sockets of its own, with stores in memory. */
export interface Running extends Pick<Listening, 'finish'> {
  readonly url: string
  readonly dashboardUrl: string
  readonly app: App
  readonly coordinator: Coordinator
  readonly packs: PackStore
  /** A REST call by the admin. */
  rest(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json }>
  enrol(name: string, into?: Access | { readonly folder?: string; readonly access?: Access }): Promise<TestNode>
  /** Somebody with an account, who has just signed in by a link. */
  person(
    name: string,
    may?: { readonly isAdmin?: boolean; readonly roles?: Readonly<Record<string, string>> },
  ): Promise<TestPerson>
  [Symbol.asyncDispose](): Promise<void>
}

export interface RunOptions {
  readonly openToPeople?: boolean
  /** The store of another coordinator, which closes it: no signal goes between the two. */
  readonly metadata?: MetadataStore
  /** The folders there are from the start. */
  readonly folders?: readonly string[]
  readonly pageDirectory?: string
  readonly clock?: Clock
  /** What waits go by; the time of `clock` if that alone is given. */
  readonly steady?: Clock
  readonly trustedProxies?: readonly string[]
  readonly strangersMs?: number
  readonly openId?: OpenIdSettings
  readonly sleep?: (ms: number) => Promise<void>
  readonly drain?: Drain
  readonly instance?: string
  readonly connections?: Connections
  /** Hears what is logged, and in which request. */
  readonly logged?: (line: Logged) => void
  readonly reserve?: Reserve
}

export interface Logged {
  readonly details: object
  readonly message: string
  readonly id: string | undefined
}

function hearing(logged: (line: Logged) => void): Log {
  const hear = (details: object, message: string) => logged({ details, message, id: currentRequest()?.requestId })
  return { debug: hear, info: hear, warn: hear, error: hear }
}

export async function run({
  openToPeople = false,
  folders = [DEFAULT_FOLDER],
  clock,
  steady = clock,
  pageDirectory,
  logged,
  metadata: shared,
  reserve,
  ...options
}: RunOptions = {}): Promise<Running> {
  const metadata = shared ?? (await openSqliteMetadataStore({ path: ':memory:' }))
  const packs = openMemoryPackStore()
  const coordinator = createCoordinator({
    id: 'coordinator-under-test',
    metadata,
    packs,
    passwords: createPasswords({ cost: { memory: 64, passes: 1, parallelism: 1 } }),
    ...(clock && { clock }),
    ...(reserve && { reserve }),
    ...(logged && { log: hearing(logged) }),
    ...(steady && { timers: { ...systemTimers, now: () => steady.now() } }),
  })
  for (const name of folders) await coordinator.folders.ensure(name)
  const app = await createServer({
    coordinator,
    adminToken: ADMIN_TOKEN,
    hosts: [],
    openToPeople,
    sleep: async () => {},
    ...options,
    ...(pageDirectory !== undefined && { pageDirectory }),
  })
  const listening = await listen(app, { host: '127.0.0.1', port: 0, dashboardPort: 0 })
  const { url } = listening

  async function rest(method: string, path: string, body?: unknown) {
    const response = await fetch(new URL(path, url), {
      method,
      headers: {
        authorization: `Bearer ${ADMIN_TOKEN}`,
        ...(body !== undefined && { 'content-type': 'application/json' }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    })
    return { status: response.status, body: await json(response) }
  }

  return {
    url,
    dashboardUrl: listening.dashboardUrl,
    app,
    coordinator,
    packs,
    finish: listening.finish,
    rest,
    async enrol(name, into = {}) {
      const { folder = 'default', access = 'read-write' } = typeof into === 'string' ? { access: into } : into
      const invite = await rest('POST', '/api/v1/invites', { folder, access })
      const { secret } = parseJoinLink(invite.body.link)
      const keys = generateKeyPairSync('ed25519')
      const { body } = await rest('POST', '/api/v1/enrol', await enrolRequest(url, { secret, keys, name }))
      const enrolled = EnrolResponseSchema.parse(body)
      return signInAs(url, enrolled.node, keys.privateKey)
    },
    async person(name, { isAdmin = false, roles = {} } = {}) {
      const granted = Object.entries(roles).map(([folder, role]) => ({ folder, role }))
      const invite = await rest('POST', '/api/v1/person-invites', { isAdmin, roles: granted })
      if (invite.status !== 200) throw new Error(JSON.stringify(invite.body))
      return acceptedBy(url, { secret: invite.body.secret, name })
    },
    async [Symbol.asyncDispose]() {
      await listening.close()
      await coordinator.presence.settled()
      await coordinator.removedFolders.stop()
      if (shared === undefined) await metadata.close()
    },
  }
}

/** Somebody with a session, as a browser would have it. */
export interface TestPerson {
  readonly name: string
  /** The token in their cookie. */
  readonly token: string
  readonly cookie: string
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: Json; response: Response }>
}

export const PASSWORD = 'correct horse battery staple'

export async function acceptedBy(url: string, { secret, name }: { secret: string; name: string }): Promise<TestPerson> {
  const joined = await sentTo(url, {
    method: 'POST',
    path: '/api/v1/person-invites/accept',
    body: { secret, name, password: PASSWORD },
  })
  if (joined.status !== 200) throw new SyncError(joined.body.error.code, joined.body.error.message)
  return personWith(url, { name, response: joined.response })
}

/** Whoever was given a session by this answer. */
export function personWith(url: string, { name, response }: { name: string; response: Response }): TestPerson {
  const cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  return {
    name,
    cookie,
    token: cookie.split('=')[1] ?? '',
    call: (method, path, body) => sentTo(url, { method, path, body, headers: { cookie } }),
  }
}

/** A request by nobody, or by whoever the headers say. */
export async function sentTo(
  url: string,
  {
    method,
    path,
    body,
    headers = {},
  }: { method: string; path: string; body?: unknown; headers?: Record<string, string> },
): Promise<{ status: number; body: Json; response: Response }> {
  const response = await fetch(new URL(path, url), {
    method,
    headers: { ...headers, ...(body !== undefined && { 'content-type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  const isJson = response.headers.get('content-type')?.includes('json') === true
  return { status: response.status, body: isJson ? JSON.parse(text) : text, response }
}

/** What a machine sends to be taken in: with a challenge that is signed by its key. */
export async function enrolRequest(
  url: string,
  { secret, keys, name }: { readonly secret: string; readonly keys: KeyPairKeyObjectResult; readonly name: string },
): Promise<EnrolRequest> {
  const asked = await fetch(new URL('/link/v1/challenge', url), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ node: ENROLLING }),
  })
  const { nonce, coordinator } = await json(asked)
  const publicKey = rawPublicKey(keys.publicKey)
  const signed = sign(null, Buffer.from(enrolMessage(coordinator, nonce, publicKey)), keys.privateKey)
  const about = { name, address: '127.0.0.1', port: 0, watchDirectories: [], capabilities: [], version: '0' }
  return { secret, publicKey, nonce, signature: signed.toString('base64'), ...about }
}

export function rawPublicKey(key: KeyObject): string {
  return Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url').toString('base64')
}

/** A signed-in node, as far as the link needs one. */
export interface TestNode {
  readonly id: NodeId
  readonly token: string
  /** What it was told when it signed in. */
  readonly folders: LinkSessionResponse['folders']
  /** A raw call of the link. */
  call(path: string, body: Uint8Array, headers?: Record<string, string>): Promise<Response>
  commit(request: Partial<CommitRequest>): Promise<CommitResponse>
  changes(cursor?: Cursor, limit?: number): Promise<ChangeBatch>
  /** Commits one new small file. */
  save(name: string, text: string, counter: number): Promise<CommitResponse>
  socket(): Promise<TestSocket>
}

export interface TestSocket {
  send(message: NodeMessage): void
  sendRaw(bytes: Uint8Array): void
  /** The next message; waits for it. */
  next(): Promise<CoordinatorMessage>
  readonly closed: Promise<number>
  close(): void
}

export async function signInAs(url: string, id: NodeId, key: KeyObject): Promise<TestNode> {
  const post = async (path: string, body: unknown) => {
    const response = await fetch(new URL(path, url), {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(body),
    })
    return { status: response.status, body: await json(response) }
  }
  const { nonce, coordinator } = (await post('/link/v1/challenge', { node: id })).body
  const signature = sign(null, Buffer.from(signInMessage(coordinator, nonce)), key).toString('base64')
  const answer = await post('/link/v1/session', { node: id, nonce, signature })
  if (answer.status !== 200) throw new SyncError(answer.body.error.code, answer.body.error.message)
  const { token, folders } = LinkSessionResponseSchema.parse(answer.body)

  async function call(path: string, body: Uint8Array, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(new URL(`/link/v1/folders/default/${path}`, url), {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/cbor', ...headers },
      body: Buffer.from(body),
    })
  }

  async function commit(request: Partial<CommitRequest>): Promise<CommitResponse> {
    const whole = { clock: {}, operations: [], contents: [], manifests: [], approved: false, ...request }
    return decode(CommitResponseSchema, await bytesOf(await call('commit', encode(whole))))
  }

  return {
    id,
    token,
    folders,
    call,
    commit,
    async changes(cursor = LOG_START, limit = 1000) {
      return decode(ChangeBatchSchema, await bytesOf(await call('changes', encode({ cursor, limit }))))
    },
    save(name, text, counter) {
      const { bytes, content } = fileOf(text)
      const operation = createOf(id, counter, name, content)
      return commit({ operations: [operation], contents: content.size === 0 ? [] : [{ hash: content.hash, bytes }] })
    },
    socket: () => openSocket(url, token),
  }
}

export function fileOf(text: string | Uint8Array): {
  content: FileContent
  bytes: Uint8Array
  named: SmallContent
  /** Its only chunk, if it is small. */
  chunk: ChunkRef
} {
  const bytes = typeof text === 'string' ? new TextEncoder().encode(text) : text
  const hash = ContentHashSchema.parse(digest('sha256', bytes))
  const content: FileContent = { kind: 'file', hash, size: bytes.length, mode: 0o644, mtimeNs: '1000000000' }
  return { content, bytes, named: { hash, bytes }, chunk: { hash: onlyChunkOf(hash), size: bytes.length } }
}

export function createOf(
  node: NodeId,
  counter: number,
  name: string,
  content: CreateOperation['content'],
): CreateOperation {
  return { kind: 'create', counter, entry: entryIdOf(node, counter), place: { parent: ROOT_ID, name }, content }
}

export const FRAMES = { 'content-type': CHUNK_FRAMES_TYPE }

/** Once this resolves, all that was sent on the socket before has been dealt with. */
export async function heard(socket: TestSocket): Promise<void> {
  const nowhere = { epoch: 'nowhere', seq: 999_999, tag: '' }
  socket.send({ kind: 'follow', folder: DEFAULT_FOLDER, cursor: nowhere })
  while ((await socket.next()).kind !== 'behind');
}

export async function bytesOf(response: Response): Promise<Uint8Array> {
  if (!response.ok) throw new Error(`${response.status}: ${await response.text()}`)
  return new Uint8Array(await response.arrayBuffer())
}

async function openSocket(url: string, token: string): Promise<TestSocket> {
  const address = `${url.replace('http', 'ws')}/link/v1/socket`
  const socket = new WebSocket(address, { headers: { authorization: `Bearer ${token}` } })
  const waiting: CoordinatorMessage[] = []
  let wake: (() => void) | undefined
  socket.on('message', (data: Buffer) => {
    waiting.push(readSocketMessage(data))
    wake?.()
  })
  const closed = new Promise<number>((resolve) => void socket.on('close', (code) => (resolve(code), wake?.())))
  await new Promise<void>((resolve, reject) => {
    socket.once('open', () => resolve())
    socket.once('error', reject)
  })
  return {
    send: (message) => socket.send(encode(message)),
    sendRaw: (bytes) => socket.send(bytes),
    async next() {
      for (;;) {
        const message = waiting.shift()
        if (message !== undefined) return message
        if (socket.readyState === WebSocket.CLOSED) throw new Error('the socket was closed')
        await new Promise<void>((resolve) => (wake = resolve))
      }
    },
    closed,
    close: () => socket.close(),
  }
}

/** A clock that stands until it is moved. */
export function handClock(start = Date.UTC(2026, 0, 1)): Clock & { advance(milliseconds: number): void } {
  let now = start
  return { now: () => now, advance: (milliseconds) => void (now += milliseconds) }
}
