import { existsSync } from 'node:fs'
import { access, constants, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { makeDirectories } from '@causeway/disk'
import {
  ChallengeResponseSchema,
  ENROLLING,
  enrolMessage,
  EnrolResponseSchema,
  slugOf,
  SyncError,
  isSyncError,
  systemError,
  type ChallengeResponse,
  type EnrolResponse,
  type JoinLink,
} from '@causeway/protocol'
import { bindRoot } from '@causeway/replica'
import { isWithin } from '../assignments/directories.ts'
import { createHttpExchange, type HttpExchange } from '../link/http-exchange.ts'
import { callJson } from '../link/json-call.ts'
import { createSession } from '../link/session.ts'
import type { Binding } from '../state/node-record.ts'
import { withBinding, type StateDirectory } from '../state/state-directory.ts'
import { AGENT_VERSION } from './version.ts'

export interface JoinRequest {
  readonly link: JoinLink
  /** Absolute. */
  readonly directory: string
  /** What the person called the folder; must be the link's. */
  readonly folder: string | undefined
  readonly name: string | undefined
  readonly port: number | undefined
}

/**
 * Enrols this machine with a join link and binds the directory to the link's
 * folder; what lies in the directory stays. All that can be checked is checked
 * before the link is used up.
 */
export async function joinFolder(state: StateDirectory, request: JoinRequest): Promise<EnrolResponse> {
  const { link, folder } = request
  if (folder !== undefined && link.folder !== '' && folder !== link.folder && slugOf(folder) !== link.folder) {
    throw new SyncError('bad-request', `the join link is for the folder ${link.folder}, not for ${folder}`)
  }
  // Before anything is made on the disk, and again with the directory's real name.
  checkNotElsewhere(state, request.directory, link)
  const directory = await usableDirectory(request.directory)
  const bound = checkNotElsewhere(state, directory, link)
  const exchange = createHttpExchange({ url: link.url, connections: 1 })
  try {
    const challenge = await checkCoordinator(state, exchange, link)
    if (bound !== undefined) await checkRemoved(state, exchange, bound)
    const enrolled = await enrol(state, exchange, { request: { ...request, directory }, challenge })
    // What an earlier time knew of the folder, which ended since, must delete nothing now.
    if (bound === undefined) await state.forgetFolder(enrolled.folder.id)
    await remember(state, { ...request, directory }, enrolled)
    return enrolled
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

/** Returns the binding of this very directory to this very folder, if there is one: then the node may join again once it was removed. */
function checkNotElsewhere(state: StateDirectory, directory: string, link: JoinLink): Binding | undefined {
  const { record, locations } = state
  if (isWithin(locations.root, directory)) {
    throw new SyncError(
      'bad-request',
      `the state directory ${locations.root} lies inside ${directory}: name another with --state`,
    )
  }
  const bound = record?.folders.find((binding) => binding.directory === directory)
  if (bound !== undefined) {
    if (bound.folder !== link.folder) throw joinedAlready(bound)
    return bound
  }
  const elsewhere = record?.folders.find((binding) => binding.folder === link.folder)
  if (elsewhere !== undefined) {
    throw new SyncError(
      'already-exists',
      `this node keeps the folder ${elsewhere.name} in ${elsewhere.directory} already`,
    )
  }
  const marker = join(directory, '.causeway', 'marker.json')
  const isFormer = record?.former?.some((former) => former.directory === directory && former.folder === link.folder)
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
async function checkRemoved({ record, key }: StateDirectory, exchange: HttpExchange, bound: Binding): Promise<void> {
  if (record === undefined) return
  const identity = { node: record.node, coordinator: record.coordinator.id, sign: key.sign }
  try {
    await createSession(exchange, identity).token()
  } catch (error) {
    if (isSyncError(error, 'node-removed')) return
    throw error
  }
  throw joinedAlready(bound)
}

/** A link that is for another coordinator is not used up. Returns what is to be signed to enrol. */
async function checkCoordinator(
  { record, locations }: StateDirectory,
  exchange: HttpExchange,
  link: JoinLink,
): Promise<ChallengeResponse> {
  const challenge = await callJson(exchange, '/link/v1/challenge', { node: ENROLLING }, ChallengeResponseSchema)
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
    watchDirectories: [...new Set([...bound, request.directory])],
    capabilities: ['chunks', 'zstd'],
    version: AGENT_VERSION,
  }
  return callJson(exchange, '/api/v1/enrol', about, EnrolResponseSchema)
}

async function remember(state: StateDirectory, request: JoinRequest, enrolled: EnrolResponse): Promise<void> {
  const { record } = state
  const { id: folder, name } = enrolled.folder
  const node = {
    ...record,
    format: 1 as const,
    node: enrolled.node,
    name: record?.name ?? request.name ?? hostname(),
    coordinator: { url: request.link.url, id: enrolled.coordinator },
    address: record?.address ?? hostname(),
    port: request.port ?? record?.port ?? 0,
    folders: record?.folders ?? [],
  }
  // Kept even if the directory can't be bound: the same link then works once more for this machine.
  await state.save(node)
  const nonce = bindRoot(request.directory, folder)
  await state.save(withBinding(node, { folder, name, directory: request.directory, access: enrolled.access, nonce }))
}
