import { z } from 'zod'
import { AssignmentsSchema, CarriedFolderSchema } from './assignment.ts'
import { WordSchema } from './bounded.ts'
import { FolderIdSchema, NodeIdSchema, type NodeId } from './ids.ts'
import { LIMITS } from './limits.ts'
import { PeerKeySchema } from './peers.ts'
import { AccessSchema } from './rights.ts'

/** 32 raw bytes of an Ed25519 public key, base64. */
export const PublicKeySchema = z.string().regex(/^[A-Za-z0-9+/]{43}=$/)

/** An Ed25519 signature, base64. */
const SignatureSchema = z.string().regex(/^[A-Za-z0-9+/]{86}==$/)

const CapabilitySchema = z.string().min(1).max(64)

/** What a machine says about itself when it enrols. */
export const EnrolRequestSchema = z.object({
  /** The secret of a join link. */
  secret: z.string().min(20).max(200),
  publicKey: PublicKeySchema,
  /** A challenge for `ENROLLING`, and Ed25519 over `enrolMessage` with it: nobody enrols a key that they don't hold. */
  nonce: z.string().max(200),
  signature: SignatureSchema,
  name: z.string().trim().min(1).max(100),
  address: z.string().max(255),
  port: z.int().min(0).max(65_535),
  watchDirectories: z.array(z.string().max(LIMITS.pathBytes)).max(LIMITS.watchDirectories),
  capabilities: z.array(CapabilitySchema).max(LIMITS.capabilities),
  version: z.string().max(50),
})
export type EnrolRequest = z.infer<typeof EnrolRequestSchema>

export const EnrolResponseSchema = z.object({
  node: NodeIdSchema,
  coordinator: WordSchema,
  /** Those of the link that there still are, in its order. */
  folders: z
    .array(z.object({ id: FolderIdSchema, name: WordSchema, epoch: WordSchema, access: AccessSchema }))
    .min(1)
    .max(LIMITS.foldersPerInvite),
})
export type EnrolResponse = z.infer<typeof EnrolResponseSchema>

export const ChallengeRequestSchema = z.object({ node: NodeIdSchema })
export const ChallengeResponseSchema = z.object({ nonce: WordSchema, coordinator: WordSchema, version: z.int() })
export type ChallengeResponse = z.infer<typeof ChallengeResponseSchema>

export const LinkSessionRequestSchema = z.object({
  node: NodeIdSchema,
  nonce: z.string().max(200),
  /** Ed25519 over `signInMessage(coordinator, nonce)`, base64. */
  signature: SignatureSchema,
})
export type LinkSessionRequest = z.infer<typeof LinkSessionRequestSchema>

export const LinkSessionResponseSchema = z.object({
  /** Goes into `Authorization: Bearer …` of every later request, the WebSocket's too. */
  token: z.string().max(4096),
  expiresAt: WordSchema,
  folders: z.array(CarriedFolderSchema).max(LIMITS.foldersPerNode),
  /** Absent where there is nothing to tell. */
  assignments: AssignmentsSchema.optional(),
  /** What people call the node now. */
  name: WordSchema.optional(),
  /** Absent from coordinators that do not bring nodes together. */
  peers: PeerKeySchema.optional(),
})
export type LinkSessionResponse = z.infer<typeof LinkSessionResponseSchema>

/** Under this name a machine that has none yet asks for the challenge that it enrols with. */
export const ENROLLING = 'new' as NodeId

/** What a machine signs to enrol a key. */
export function enrolMessage(coordinator: string, nonce: string, publicKey: string): string {
  return `causeway-enrol-v1\n${coordinator}\n${nonce}\n${publicKey}`
}

/** What a node signs to show that it holds its key; bound to one coordinator, so no other can pass it on. */
export function signInMessage(coordinator: string, nonce: string): string {
  return `causeway-link-v1\n${coordinator}\n${nonce}`
}
