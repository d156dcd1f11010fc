import { z } from 'zod'
import { AmountSchema, bytesUpTo } from './bounded.ts'
import { SyncError } from './error-codes.ts'
import { FolderIdSchema, ChunkIdSchema, ContentHashSchema, NodeIdSchema, type FolderId, type NodeId } from './ids.ts'
import { KeyPinSchema } from './key-pin.ts'
import { LIMITS } from './limits.ts'

/** Where a node gives chunks to others, and the TLS key that it shows there. */
export const PeerServerSchema = z.object({
  /** Addresses of the machine, the likeliest first. */
  addresses: z.array(z.string().min(1).max(255)).min(1).max(LIMITS.addressesPerPeer),
  port: z.int().min(1).max(65_535),
  pin: KeyPinSchema,
})
export type PeerServer = z.infer<typeof PeerServerSchema>

/** Null from a node that gives nothing, or no longer does. */
export const ServePeersRequestSchema = z.object({ server: PeerServerSchema.nullable() })

/** A token as it travels: see `formatPeerToken`. */
const PeerTokenSchema = z.string().max(LIMITS.peerTokenChars)

/** A node that may be asked, and what the asking node shows it. */
export const PeerSchema = PeerServerSchema.extend({ node: NodeIdSchema, token: PeerTokenSchema })
export type Peer = z.infer<typeof PeerSchema>

export const PeersResponseSchema = z.object({
  peers: z.array(PeerSchema).max(LIMITS.peersPerAnswer),
  /** How long the tokens are good for. */
  validMs: z.int().min(0),
})
export type PeersResponse = z.infer<typeof PeersResponseSchema>

/** What a node received from others of one content, as it came; told while it comes, and once more at the end. */
export const PeersGaveRequestSchema = z.object({
  content: ContentHashSchema,
  got: z
    .array(
      z.object({
        node: NodeIdSchema,
        bytes: AmountSchema,
        /** True if it gave other bytes than it was asked for. */
        wrong: z.boolean(),
      }),
    )
    .max(LIMITS.peersPerAnswer),
})
export type PeersGave = z.infer<typeof PeersGaveRequestSchema>

/** By which a node tells its coordinator's tokens from others. */
export const PeerKeySchema = z.object({
  /** 32 raw bytes of an Ed25519 public key, base64. */
  key: z.string().regex(/^[A-Za-z0-9+/]{43}=$/),
  /** The coordinator's clock at this answer, milliseconds since 1970: tokens run out by it. */
  nowMs: z.int().min(0),
})
export type PeerKey = z.infer<typeof PeerKeySchema>

/** What one node asks of another. The token is in the header `authorization`, behind `Bearer`. */
export const PEER_PATHS = { have: '/peer/v1/have', chunks: '/peer/v1/chunks', list: '/peer/v1/list' } as const

/** Chunks of one content. */
export const PeerChunksRequestSchema = z.object({
  folder: FolderIdSchema,
  content: ContentHashSchema,
  hashes: z.array(ChunkIdSchema).max(LIMITS.chunksPerRequest),
})
export const PeerHaveResponseSchema = z.object({
  /** A bit for each chunk asked about, in the same order (see `encodeBits`). */
  has: bytesUpTo(LIMITS.chunksPerRequest),
  /** `whole`: it has all of the content. `coming`: it is fetching it. */
  state: z.enum(['whole', 'coming', 'none']),
})
export type PeerHave = z.infer<typeof PeerHaveResponseSchema>

/** The right to fetch chunks of a folder from one node, for another, and for a short time. */
export interface PeerGrant {
  readonly folder: FolderId
  readonly giver: NodeId
  readonly taker: NodeId
  /** By the coordinator's clock, milliseconds since 1970. */
  readonly untilMs: number
}

/** No id has it in it. */
const SEPARATOR = '~'

/** What the coordinator signs. */
export function peerGrantMessage(coordinator: string, { folder, giver, taker, untilMs }: PeerGrant): string {
  return `causeway-peer-v1\n${coordinator}\n${folder}\n${giver}\n${taker}\n${untilMs}`
}

/** A grant with its signature (base64url), as one word. */
export function formatPeerToken({ folder, giver, taker, untilMs }: PeerGrant, signature: string): string {
  return [folder, giver, taker, untilMs, signature].join(SEPARATOR)
}

const TokenPartsSchema = z.tuple([
  FolderIdSchema,
  NodeIdSchema,
  NodeIdSchema,
  z.string().regex(/^\d{1,15}$/),
  z.string().regex(/^[A-Za-z0-9_-]{86}$/),
])

/** Throws `not-allowed` on what is no token. Whether it is genuine is still to be checked. */
export function parsePeerToken(token: string): { readonly grant: PeerGrant; readonly signature: string } {
  const parts = token.length <= LIMITS.peerTokenChars ? token.split(SEPARATOR) : []
  const parsed = TokenPartsSchema.safeParse(parts)
  if (!parsed.success) throw new SyncError('not-allowed', 'this is no token of a coordinator')
  const [folder, giver, taker, untilMs, signature] = parsed.data
  return { grant: { folder, giver, taker, untilMs: Number(untilMs) }, signature }
}
