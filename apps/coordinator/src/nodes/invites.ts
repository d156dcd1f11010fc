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
  type HistoryEvent,
  type NodeId,
  type OpenInvite,
} from '@causeway/protocol'
import type { FolderRow, InviteRow, MetadataReader } from '@causeway/store'
import { announceEvents, folderOf, isInUse, isoNow, noteEvent } from '@causeway/log'
import type { Context } from '../ports/context.ts'
import type { Challenges } from '../access/challenges.ts'
import { nodeRemoved } from './node-removed.ts'
import { holdsKey } from './sign-in.ts'
import { hashSecret, newSecret } from '../access/secrets.ts'

export interface Invites {
  /** A secret that enrols one machine in some folders (at least one), for a while. */
  create(invite: {
    folders: readonly FolderId[]
    access: Access
    minutes: number
  }): Promise<{ secret: string; expiresAt: string }>
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
  const { id: coordinator, metadata, clock, signals } = context
  return {
    async create({ folders, access, minutes }) {
      const secret = newSecret()
      const expiresAt = new Date(clock.now() + minutes * 60_000).toISOString()
      await metadata.write(async (tx) => {
        for (const folder of folders) await folderOf(tx, folder)
        await tx.putInvite({ secretHash: hashSecret(secret), folders, access, expiresAt, usedBy: null })
      })
      return { secret, expiresAt }
    },
    list: async () => {
      const rows = await metadata.read((tx) => tx.openInvites(isoNow(clock)))
      return rows.map(({ secretHash, folders, access, expiresAt }) => ({
        id: idOf(secretHash),
        folders: [...folders],
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
        const rows = await foldersOf(tx, invite)
        if (invite.usedBy !== null) {
          if (known === undefined || known.revoked) throw nodeRemoved(node)
          const folders: EnrolResponse['folders'] = []
          for (const row of rows) {
            const [member] = await tx.memberships({ folder: row.id, node })
            if (member !== undefined) folders.push(enrolledIn(row, member.access))
          }
          if (folders.length === 0) throw nodeRemoved(node)
          return { response: { node, coordinator, folders }, events: [] }
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
        const { access } = invite
        const reason = `${known?.name ?? about.name} (${node}) joined: ${access}.`
        const events: HistoryEvent[] = []
        for (const row of rows) {
          const [member] = await tx.memberships({ folder: row.id, node })
          const { applied, clock, paused } = member ?? NEWCOMER
          await tx.putMembership({ folder: row.id, node, access, applied, clock, paused })
          await tx.removeAssignment(row.id, node)
          if (member === undefined)
            events.push(...(await noteEvent(tx, row, now, { kind: 'join', reason, actor: { kind: 'node', node } })))
        }
        return { response: { node, coordinator, folders: rows.map((row) => enrolledIn(row, access)) }, events }
      })
      announceEvents(context, events)
      signals.publish('node', { node })
      return response
    },
  }
}

const NEWCOMER = { applied: 0, clock: {}, paused: false }

/** Those of an invite's folders that there still are. Throws `not-found` if there is none. */
async function foldersOf(tx: MetadataReader, { folders }: InviteRow): Promise<FolderRow[]> {
  const rows: FolderRow[] = []
  for (const id of folders) {
    const row = await tx.folder(id)
    if (row !== undefined && isInUse(row)) rows.push(row)
  }
  if (rows.length === 0) for (const id of folders) rows.push(await folderOf(tx, id))
  return rows
}

function enrolledIn({ id, name, epoch }: FolderRow, access: Access): EnrolResponse['folders'][number] {
  return { id, name, epoch, access }
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
