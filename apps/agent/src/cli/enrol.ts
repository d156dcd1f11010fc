import { existsSync } from 'node:fs'
import { access, constants, mkdir, realpath } from 'node:fs/promises'
import { hostname } from 'node:os'
import { join, sep } from 'node:path'
import {
  ChallengeResponseSchema,
  EnrolResponseSchema,
  SyncError,
  type EnrolResponse,
  type JoinLink,
} from '@causeway/protocol'
import { bindRoot } from '@causeway/replica'
import { createHttpExchange, type HttpExchange } from '../link/http-exchange.ts'
import { callJson } from '../link/json-call.ts'
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
  checkNotJoined(state, request.directory, link)
  const directory = await usableDirectory(request.directory)
  checkNotJoined(state, directory, link)
  const exchange = createHttpExchange({ url: link.url, connections: 1 })
  try {
    await checkCoordinator(state, exchange, link)
    const enrolled = await enrol(state, exchange, { ...request, directory })
    await remember(state, { ...request, directory }, enrolled)
    return enrolled
  } finally {
    await exchange.close()
  }
}

async function usableDirectory(directory: string): Promise<string> {
  try {
    await mkdir(directory, { recursive: true })
    await access(directory, constants.R_OK | constants.W_OK | constants.X_OK)
    return await realpath(directory)
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw new SyncError('io-error', `cannot use ${directory} as a folder: ${reason}`, { cause })
  }
}

function checkNotJoined(state: StateDirectory, directory: string, link: JoinLink): void {
  const { record, locations } = state
  if (isWithin(locations.root, directory)) {
    throw new SyncError(
      'bad-request',
      `the state directory ${locations.root} lies inside ${directory}: name another with --state`,
    )
  }
  const bound = record?.folders.find((binding) => binding.directory === directory)
  if (bound !== undefined) {
    throw new SyncError(
      'already-exists',
      `${directory} has joined the folder ${bound.name} already: "causeway up" runs it`,
    )
  }
  const elsewhere = record?.folders.find((binding) => binding.folder === link.folder)
  if (elsewhere !== undefined) {
    throw new SyncError(
      'already-exists',
      `this node keeps the folder ${elsewhere.name} in ${elsewhere.directory} already`,
    )
  }
  const marker = join(directory, '.causeway', 'marker.json')
  if (existsSync(marker)) {
    throw new SyncError(
      'already-exists',
      `${directory} was joined with another state directory. If no node looks after it any more, remove ${marker} and join again: nothing is lost by that`,
    )
  }
}

/** A link that is for another coordinator is not used up. */
async function checkCoordinator(
  { record, locations }: StateDirectory,
  exchange: HttpExchange,
  link: JoinLink,
): Promise<void> {
  const probe = { node: record?.node ?? 'new' }
  const { coordinator } = await callJson(exchange, '/link/v1/challenge', probe, ChallengeResponseSchema)
  if (record === undefined || record.coordinator.id === coordinator) return
  throw new SyncError(
    'already-exists',
    `${locations.root} belongs to the coordinator ${record.coordinator.url}, the link to ${link.url}: name another state directory with --state`,
  )
}

function enrol(state: StateDirectory, exchange: HttpExchange, request: JoinRequest): Promise<EnrolResponse> {
  const { record, key } = state
  const bound = record?.folders.map((binding) => binding.directory) ?? []
  const about = {
    secret: request.link.secret,
    publicKey: key.publicKey,
    // The name is part of the node's identity: it stays what it was when the node first enrolled.
    name: record?.name ?? request.name ?? hostname(),
    address: record?.address ?? hostname(),
    port: request.port ?? record?.port ?? 0,
    watchDirectories: [...bound, request.directory],
    capabilities: ['chunks', 'zstd'],
    version: AGENT_VERSION,
  }
  return callJson(exchange, '/api/v1/enrol', about, EnrolResponseSchema)
}

async function remember(state: StateDirectory, request: JoinRequest, enrolled: EnrolResponse): Promise<void> {
  const { record } = state
  const { id: folder, name } = enrolled.folder
  const node = {
    format: 1 as const,
    node: enrolled.node,
    name: record?.name ?? request.name ?? hostname(),
    coordinator: { url: request.link.url, id: enrolled.coordinator },
    address: record?.address ?? hostname(),
    port: request.port ?? record?.port ?? 0,
    folders: record?.folders ?? [],
    ...(record?.baseCacheBytes !== undefined && { baseCacheBytes: record.baseCacheBytes }),
  }
  // Kept even if the directory can't be bound: the same link then works once more for this machine.
  await state.save(node)
  const nonce = bindRoot(request.directory, folder)
  await state.save(withBinding(node, { folder, name, directory: request.directory, access: enrolled.access, nonce }))
}

function isWithin(path: string, directory: string): boolean {
  return path === directory || path.startsWith(directory.endsWith(sep) ? directory : directory + sep)
}

function slugOf(name: string): string {
  return name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+|-+$/g, '')
}
