import { createHash } from 'node:crypto'
import {
  ENROLLING,
  enrolMessage,
  NodeIdSchema,
  slugOf,
  SyncError,
  type Access,
  type EnrolRequest,
  type EnrolResponse,
  type FolderId,
  type NodeId,
  type OpenInvite,
} from '@causeway/protocol'
import type { InviteRow } from '@causeway/store'
import { isoNow, type Context } from '../context.ts'
import { folderOf } from '../folders/commit.ts'
import { noteEvent } from '../folders/note-event.ts'
import type { Challenges } from './challenges.ts'
import { nodeRemoved } from './node-removed.ts'
import { holdsKey } from './node-sign-in.ts'
import { hashSecret, newSecret } from './secrets.ts'

export interface Invites {
  /** A secret that enrols one machine in one folder, for a while. */
  create(invite: { folder: FolderId; access: Access; minutes: number }): Promise<{ secret: string; expiresAt: string }>
  /** Those that can still be used, the first to expire first. Their secrets are not known here. */
  list(): Promise<readonly OpenInvite[]>
  /** Makes an open invite worthless. Throws `not-found` for one that was used, is too old, or never was. */
  revoke(id: string): Promise<void>
  /**
   * Takes a machine in that shows that it holds its key. Throws
   * `invite-invalid` on a secret that is wrong, used or too old. A machine
   * whose answer was lost may repeat itself: it is told what it is by now, and
   * nothing is changed by that; `node-removed` if that is nothing any more.
   */
  enrol(request: EnrolRequest): Promise<EnrolResponse>
}

export function createInvites(context: Context, challenges: Challenges): Invites {
  const { id: coordinator, metadata, clock, bus } = context
  return {
    async create({ folder, access, minutes }) {
      const secret = newSecret()
      const expiresAt = new Date(clock.now() + minutes * 60_000).toISOString()
      await metadata.write(async (tx) => {
        await folderOf(tx, folder)
        await tx.putInvite({ secretHash: hashSecret(secret), folder, access, expiresAt, usedBy: null })
      })
      return { secret, expiresAt }
    },
    list: async () => {
      const rows = await metadata.read((tx) => tx.openInvites(isoNow(clock)))
      return rows.map(({ secretHash, folder, access, expiresAt }) => ({
        id: idOf(secretHash),
        folder,
        access,
        expiresAt,
      }))
    },
    async revoke(id) {
      const removed = await metadata.write(async (tx) => {
        const row = (await tx.openInvites(isoNow(clock))).find(({ secretHash }) => idOf(secretHash) === id)
        return row !== undefined && (await tx.removeInvite(row.secretHash))
      })
      if (!removed)
        throw new SyncError('not-found', `there is no open invitation ${id}: it was used or revoked, or has expired`)
    },
    async enrol({ secret, publicKey, nonce, signature, ...about }) {
      const isOwn = challenges.isGood(nonce, ENROLLING)
      if (!isOwn || !holdsKey(publicKey, enrolMessage(coordinator, nonce, publicKey), signature)) {
        throw new SyncError('not-signed-in', 'this machine did not prove that it holds the key it wants to enrol')
      }
      const node = nodeIdOf(about.name, publicKey)
      const now = isoNow(clock)
      const secretHash = hashSecret(secret)
      // A guess costs no turn among those who write.
      if (!isUsable(await metadata.read((tx) => tx.invite(secretHash)), node, now)) throw unusable()
      const { response, events } = await metadata.write(async (tx) => {
        const invite = await tx.invite(secretHash)
        if (!isUsable(invite, node, now)) throw unusable()
        const known = await tx.node(node)
        if (known !== undefined && known.publicKey !== publicKey) throw unusable()
        const folder = await folderOf(tx, invite.folder)
        const member = (await tx.memberships({ folder: folder.id, node }))[0]
        const { id, name, epoch } = folder
        const answer = { node, coordinator, folder: { id, name, epoch } }
        if (invite.usedBy !== null) {
          if (known === undefined || known.revoked || member === undefined) throw nodeRemoved(node)
          return { response: { ...answer, access: member.access }, events: [] }
        }
        if (!(await tx.useInvite(secretHash, node))) throw unusable()
        await tx.putNode({
          id: node,
          ...about,
          // A person may have renamed it since.
          name: known?.name ?? about.name,
          publicKey,
          registeredAt: known?.registeredAt ?? now,
          lastSeenAt: now,
          revoked: false,
        })
        await tx.putMembership({
          folder: folder.id,
          node,
          access: invite.access,
          applied: member?.applied ?? 0,
          clock: member?.clock ?? {},
          paused: member?.paused ?? false,
        })
        await tx.removeAssignment(folder.id, node)
        const reason = `${known?.name ?? about.name} (${node}) joined: ${invite.access}.`
        const events = member === undefined ? await noteEvent(tx, folder, now, { kind: 'join', reason }) : []
        return { response: { ...answer, access: invite.access }, events }
      })
      if (events.length > 0) bus.publish('events', events)
      bus.publish('node', { node })
      return response
    },
  }
}

/** A machine whose answer was lost may show the link again; nobody else may. */
function isUsable(invite: InviteRow | undefined, node: NodeId, now: string): invite is InviteRow {
  return invite !== undefined && invite.expiresAt > now && (invite.usedBy === null || invite.usedBy === node)
}

/** Enough of the hash to tell invites apart. */
function idOf(secretHash: string): string {
  return secretHash.slice(0, 16)
}

function unusable(): SyncError {
  return new SyncError(
    'invite-invalid',
    'this join link is invalid, was used before, or has expired: ask for a new one',
  )
}

/** A readable id that no other key can have: the name's letters, and six characters of the key's hash. */
function nodeIdOf(name: string, publicKey: string): NodeId {
  const slug = slugOf(name).slice(0, 40)
  const suffix = createHash('sha256').update(publicKey).digest('hex').slice(0, 6)
  return NodeIdSchema.parse(`${slug || 'node'}-${suffix}`)
}
