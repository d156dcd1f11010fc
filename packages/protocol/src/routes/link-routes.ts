import { z } from 'zod'
import {
  AcceptRequestSchema,
  AcceptResponseSchema,
  DeclineRequestSchema,
  DeclineResponseSchema,
} from '../assignment.ts'
import { CHUNK_FRAMES_TYPE } from '../chunk-frames.ts'
import {
  DigestEntriesRequestSchema,
  DigestEntriesResponseSchema,
  DigestRequestSchema,
  DigestResponseSchema,
  EntriesRequestSchema,
  EntriesResponseSchema,
} from '../digest.ts'
import {
  ChangeBatchSchema,
  ChangesRequestSchema,
  CommitRequestSchema,
  CommitResponseSchema,
  HashListSchema,
  ManifestRequestSchema,
  ManifestResponseSchema,
  MissingResponseSchema,
} from '../link.ts'
import {
  DeltasRequestSchema,
  DeltasResponseSchema,
  PATCH_TYPE,
  PatchRequestSchema,
  SignaturesRequestSchema,
  SignaturesResponseSchema,
} from '../patch.ts'
import { PeersGaveRequestSchema, PeersResponseSchema, ServePeersRequestSchema } from '../peers.ts'
import {
  ChallengeRequestSchema,
  ChallengeResponseSchema,
  LinkSessionRequestSchema,
  LinkSessionResponseSchema,
} from '../sign-in.ts'
import { InFolder } from './params.ts'
import { cbor, raw, route, SOCKET } from './route.ts'

const tags = ['link'] as const
const PUBLIC = { method: 'POST', access: 'public', tags } as const
const NODE = { access: 'node', tags } as const
const LISTS = { method: 'POST', ...NODE, right: 'list', params: InFolder } as const
const READS = { method: 'POST', ...NODE, right: 'read', params: InFolder } as const
const SENDS = { method: 'POST', ...NODE, right: 'send', params: InFolder } as const
const REPAIRS = { method: 'POST', ...NODE, right: 'repair', params: InFolder } as const

/** The node link. Sign-in is JSON; what follows is CBOR, plain or in one zstd frame. */
export const LINK_ROUTES = {
  challenge: route({
    ...PUBLIC,
    path: '/link/v1/challenge',
    summary: 'A nonce to sign',
    body: ChallengeRequestSchema,
    response: ChallengeResponseSchema,
  }),
  session: route({
    ...PUBLIC,
    path: '/link/v1/session',
    summary: 'A session for a signed nonce',
    body: LinkSessionRequestSchema,
    response: LinkSessionResponseSchema,
  }),
  /** CBOR both ways: `NodeMessageSchema`, `CoordinatorMessageSchema`. */
  socket: route({
    method: 'GET',
    ...NODE,
    path: '/link/v1/socket',
    summary: 'Changes as they happen, and reports',
    response: SOCKET,
  }),
  accept: route({
    method: 'POST',
    ...NODE,
    path: '/link/v1/accept',
    summary: 'Accept a folder that the node was offered',
    body: cbor(AcceptRequestSchema),
    response: cbor(AcceptResponseSchema),
  }),
  decline: route({
    method: 'POST',
    ...NODE,
    path: '/link/v1/decline',
    summary: 'Decline a folder that the node was offered',
    body: cbor(DeclineRequestSchema),
    response: cbor(DeclineResponseSchema),
  }),
  servePeers: route({
    method: 'POST',
    ...NODE,
    path: '/link/v1/peers/serve',
    summary: 'Say where other nodes can fetch chunks from this one',
    body: cbor(ServePeersRequestSchema),
    response: cbor(z.object({})),
  }),
  peers: route({
    ...READS,
    path: '/link/v1/folders/:folder/peers',
    summary: 'Nodes that may be asked for chunks, with a token for each',
    body: cbor(z.object({})),
    response: cbor(PeersResponseSchema),
  }),
  peersGave: route({
    ...READS,
    path: '/link/v1/folders/:folder/peers/gave',
    summary: 'Say what other nodes gave',
    body: cbor(PeersGaveRequestSchema),
    response: cbor(z.object({})),
  }),
  commit: route({
    ...SENDS,
    path: '/link/v1/folders/:folder/commit',
    summary: 'Commit operations',
    body: cbor(CommitRequestSchema),
    response: cbor(CommitResponseSchema),
  }),
  changes: route({
    ...LISTS,
    path: '/link/v1/folders/:folder/changes',
    summary: 'What changed after a cursor',
    body: cbor(ChangesRequestSchema),
    response: cbor(ChangeBatchSchema),
  }),
  digest: route({
    ...LISTS,
    path: '/link/v1/folders/:folder/digest',
    summary: 'Compare digests of the whole folder',
    body: cbor(DigestRequestSchema),
    response: cbor(DigestResponseSchema),
  }),
  digestEntries: route({
    ...LISTS,
    path: '/link/v1/folders/:folder/digest/entries',
    summary: 'The entries behind some sums of a digest',
    body: cbor(DigestEntriesRequestSchema),
    response: cbor(DigestEntriesResponseSchema),
  }),
  entries: route({
    ...LISTS,
    path: '/link/v1/folders/:folder/entries',
    summary: 'Entries in full',
    body: cbor(EntriesRequestSchema),
    response: cbor(EntriesResponseSchema),
  }),
  manifest: route({
    ...LISTS,
    path: '/link/v1/folders/:folder/manifest',
    summary: 'The chunk list of a content',
    body: cbor(ManifestRequestSchema),
    response: cbor(ManifestResponseSchema),
  }),
  missing: route({
    ...REPAIRS,
    path: '/link/v1/folders/:folder/chunks/missing',
    summary: 'Which chunks the coordinator wants from this node',
    body: cbor(HashListSchema),
    response: cbor(MissingResponseSchema),
  }),
  upload: route({
    ...REPAIRS,
    path: '/link/v1/folders/:folder/chunks/upload',
    summary: 'Send chunks',
    body: raw(CHUNK_FRAMES_TYPE),
    response: cbor(z.object({ stored: z.int().min(0) })),
  }),
  fetch: route({
    ...READS,
    path: '/link/v1/folders/:folder/chunks/fetch',
    summary: 'Fetch chunks, in the order in which they are named',
    body: cbor(HashListSchema),
    response: raw(CHUNK_FRAMES_TYPE),
  }),
  deltas: route({
    ...SENDS,
    path: '/link/v1/folders/:folder/chunks/deltas',
    summary: 'Send chunks as deltas',
    body: cbor(DeltasRequestSchema),
    response: cbor(DeltasResponseSchema),
  }),
  signatures: route({
    ...SENDS,
    path: '/link/v1/folders/:folder/chunks/signatures',
    summary: 'Checksums of stretches of a content',
    body: cbor(SignaturesRequestSchema),
    response: cbor(SignaturesResponseSchema),
  }),
  patch: route({
    ...READS,
    path: '/link/v1/folders/:folder/patch',
    summary: 'How a content follows from another, as a stream',
    body: cbor(PatchRequestSchema),
    response: raw(PATCH_TYPE),
  }),
}
