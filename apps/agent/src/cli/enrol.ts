import { existsSync } from 'node:fs'
import { access, constants, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { makeDirectories } from '@causeway/disk'
import {
  ENROLLING,
  enrolMessage,
  ROUTES,
  slugOf,
  SyncError,
  isSyncError,
  systemError,
  type ChallengeResponse,
  type EnrolResponse,
  type JoinLink,
  type NodeId,
} from '@causeway/protocol'
import { bindRoot } from '@causeway/replica'
import { isWithin } from '../assignments/directories.ts'
import { createDialler } from '../link/dialler.ts'
import { createHttpExchange, type HttpExchange } from '../link/http-exchange.ts'
import { callJson } from '../link/json-call.ts'
import { createSession } from '../link/session.ts'
import type { Binding, NodeRecord } from '../state/node-record.ts'
import { withBinding, type StateDirectory } from '../state/state-directory.ts'
import type { Place } from './join-places.ts'
import { AGENT_VERSION } from './version.ts'

export interface JoinRequest {
  readonly link: JoinLink
  /** Where each folder of the link goes. */
  readonly places: readonly Place[]
  /** What the person called the folder; must be one of the link's. */
  readonly folder: string | undefined
  readonly name: string | undefined
  readonly port: number | undefined
}

/** A folder that this machine joined, and where it is kept. */
export interface JoinedFolder {
  readonly name: string
  readonly directory: string
}

export interface Joined {
  readonly node: NodeId
  readonly folders: readonly JoinedFolder[]
  /** Ids of folders that the link names, and that there are no more. */
  readonly gone: readonly string[]
}

/**
 * Enrols this machine with a join link and binds a directory to each of the
 * link's folders; what lies in the directories stays. All that can be checked
 * is checked before the link is used up.
 */
export async function joinFolders(state: StateDirectory, request: JoinRequest): Promise<Joined> {
  const { link, folder } = request
  if (folder !== undefined && !link.folders.includes(folder) && !link.folders.includes(slugOf(folder))) {
    const which = `${link.folders.length === 1 ? 'folder' : 'folders'} ${link.folders.join(', ')}`
    throw new SyncError('bad-request', `the join link is for the ${which}, not for ${folder}`)
  }
  // Before anything is made on the disk, and again with the directories' real names.
  checkApart(request.places)
  for (const place of request.places) checkNotElsewhere(state, place)
  const places = await Promise.all(request.places.map(usablePlace))
  checkApart(places)
  const bound = places.flatMap((place) => checkNotElsewhere(state, place) ?? [])
  const exchange = createHttpExchange({ dialler: createDialler(link), connections: 1 })
  try {
    const challenge = await checkCoordinator(state, exchange, link)
    const [known] = bound
    if (known !== undefined && !(await wasRemoved(state, exchange))) {
      if (bound.length < places.length || !isNews(state, link)) throw joinedAlready(known)
      return await takeAddress(state, link, { coordinator: challenge.coordinator, bound })
    }
    const enrolled = await enrol(state, exchange, { request: { ...request, places }, challenge })
    return await remember(state, { ...request, places }, { enrolled, bound })
  } finally {
    await exchange.close()
  }
}

/** A directory as the system names it, made if it is not there. Throws `io-error` where this process can't work in it. */
export async function usableDirectory(directory: string): Promise<string> {
  try {
    await makeDirectories(directory)
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return await realpath(directory)
  } catch (cause) {
    throw systemError(`cannot use ${directory} as a folder`, cause)
  }
}

async function usablePlace({ folder, directory }: Place): Promise<Place> {
  return { folder, directory: await usableDirectory(directory) }
}

function checkApart(places: readonly Place[]): void {
  for (const one of places) {
    const other = places.find((place) => place !== one && isWithin(place.directory, one.directory))
    if (other === undefined) continue
    const both = `${one.directory}, for ${one.folder}, and ${other.directory}, for ${other.folder},`
    throw new SyncError('bad-request', `${both} are not apart: choose others`)
  }
}

/** Returns the binding of this very directory to this very folder, if there is one: then the node may join again once it was removed. */
function checkNotElsewhere(state: StateDirectory, { folder, directory }: Place): Binding | undefined {
  const { record, locations } = state
  if (isWithin(locations.root, directory)) {
    throw new SyncError(
      'bad-request',
      `the state directory ${locations.root} lies inside ${directory}: name another with --state`,
    )
  }
  const bound = record?.folders.find((binding) => binding.directory === directory)
  if (bound !== undefined) {
    if (bound.folder !== folder) throw joinedAlready(bound)
    return bound
  }
  const elsewhere = record?.folders.find((binding) => binding.folder === folder)
  if (elsewhere !== undefined) {
    throw new SyncError(
      'already-exists',
      `this node keeps the folder ${elsewhere.name} in ${elsewhere.directory} already`,
    )
  }
  const marker = join(directory, '.causeway', 'marker.json')
  const isFormer = record?.former?.some((former) => former.directory === directory && former.folder === folder)
  if (isFormer !== true && existsSync(marker)) {
    throw new SyncError(
      'already-exists',
      `${directory} was joined with another state directory. If no node uses it any more, remove ${marker} and join again; nothing is lost`,
    )
  }
  return undefined
}

function joinedAlready({ directory, name }: Binding): SyncError {
  return new SyncError(
    'already-exists',
    `${directory} has joined the folder ${name} already: start it with "causeway up"`,
  )
}

/** A node that was removed comes back with the link, under its name and with its files; one that was not needs none. */
async function wasRemoved({ record, key }: StateDirectory, exchange: HttpExchange): Promise<boolean> {
  if (record === undefined) return false
  const identity = { node: record.node, coordinator: record.coordinator.id, sign: key.sign }
  try {
    await createSession(exchange, identity).token()
  } catch (error) {
    if (isSyncError(error, 'node-removed')) return true
    throw error
  }
  return false
}

/** Whether a link leads elsewhere than this node knows, or names other keys. */
function isNews({ record }: StateDirectory, { url, pins }: JoinLink): boolean {
  const known = record?.coordinator
  return known?.url !== url || String(known.pins) !== String(pins)
}

/** The way to the coordinator has changed, or its key has: the link says what holds now, and is not used up. */
async function takeAddress(
  state: StateDirectory,
  link: JoinLink,
  { coordinator, bound }: { readonly coordinator: string; readonly bound: readonly Binding[] },
): Promise<Joined> {
  await state.update((record) => ({ ...record, coordinator: whereIs(link, coordinator) }))
  const node = state.record?.node
  if (node === undefined) throw new SyncError('internal', 'a node without a record has bound directories')
  return { node, folders: bound.map(({ name, directory }) => ({ name, directory })), gone: [] }
}

function whereIs({ url, pins }: JoinLink, id: string): NodeRecord['coordinator'] {
  return { url, id, ...(pins !== undefined && { pins }) }
}

/** A link that is for another coordinator is not used up. Returns what is to be signed to enrol. */
async function checkCoordinator(
  { record, locations }: StateDirectory,
  exchange: HttpExchange,
  link: JoinLink,
): Promise<ChallengeResponse> {
  const challenge = await callJson(exchange, ROUTES.link.challenge, { node: ENROLLING })
  if (record === undefined || record.coordinator.id === challenge.coordinator) return challenge
  throw new SyncError(
    'already-exists',
    `${locations.root} belongs to the coordinator ${record.coordinator.url}, the link to ${link.url}: name another state directory with --state`,
  )
}

function enrol(
  state: StateDirectory,
  exchange: HttpExchange,
  { request, challenge }: { readonly request: JoinRequest; readonly challenge: ChallengeResponse },
): Promise<EnrolResponse> {
  const { record, key } = state
  const { coordinator, nonce } = challenge
  const bound = record?.folders.map((binding) => binding.directory) ?? []
  const signed = key.sign(Buffer.from(enrolMessage(coordinator, nonce, key.publicKey)))
  const about = {
    secret: request.link.secret,
    publicKey: key.publicKey,
    nonce,
    signature: Buffer.from(signed).toString('base64'),
    // The name is part of the node's identity: it stays what it was when the node first enrolled.
    name: record?.name ?? request.name ?? hostname(),
    address: record?.address ?? hostname(),
    port: request.port ?? record?.port ?? 0,
    watchDirectories: [...new Set([...bound, ...request.places.map(({ directory }) => directory)])],
    capabilities: ['chunks', 'zstd'],
    version: AGENT_VERSION,
  }
  return callJson(exchange, ROUTES.signIn.enrol, about)
}

async function remember(
  state: StateDirectory,
  request: JoinRequest,
  { enrolled, bound }: { readonly enrolled: EnrolResponse; readonly bound: readonly Binding[] },
): Promise<Joined> {
  const { record } = state
  // What an earlier time knew of a folder, which ended since, must delete nothing now.
  for (const { id } of enrolled.folders) if (!bound.some(({ folder }) => folder === id)) await state.forgetFolder(id)
  let node: NodeRecord = {
    ...record,
    format: 1,
    node: enrolled.node,
    name: record?.name ?? request.name ?? hostname(),
    coordinator: whereIs(request.link, enrolled.coordinator),
    address: record?.address ?? hostname(),
    port: request.port ?? record?.port ?? 0,
    folders: record?.folders ?? [],
  }
  // Kept even if a directory can't be bound: the same link then works once more for this machine.
  await state.save(node)
  const folders: JoinedFolder[] = []
  for (const { id: folder, name, access } of enrolled.folders) {
    const directory = request.places.find((place) => place.folder === folder)?.directory
    if (directory === undefined)
      throw new SyncError('internal', `the coordinator enrolled this machine in ${folder}, too`)
    const nonce = bindRoot(directory, folder)
    node = withBinding(node, { folder, name, directory, access, nonce })
    await state.save(node)
    folders.push({ name, directory })
  }
  const there = new Set<string>(enrolled.folders.map(({ id }) => id))
  return { node: enrolled.node, folders, gone: request.link.folders.filter((id) => !there.has(id)) }
}
