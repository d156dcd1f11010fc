import { NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { AssignmentRow, FolderSettings } from '../../metadata-store.ts'
import {
  applyNow,
  DOCS,
  fileState,
  folderRow,
  idOf,
  LAPTOP,
  membershipRow,
  minutes,
  newEvent,
  nodeRow,
  NOON,
  PHONE,
  PHOTOS,
  writesOf,
} from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

const ASSIGNED: AssignmentRow = {
  folder: DOCS,
  node: PHONE,
  kind: 'folder-removed',
  access: 'send-only',
  at: NOON,
}

export function fleetCases(open: OpenStore): void {
  test(
    'a folder whose settings were kept before there were quotas has none',
    withStore(open, async (store) => {
      const { quotaBytes: _, ...before } = folderRow().settings
      await store.write((tx) => tx.updateFolder(DOCS, { settings: before as FolderSettings }))
      expect((await store.read((tx) => tx.folder(DOCS)))?.settings).toEqual({ ...before, quotaBytes: null })
    }),
  )

  test(
    'a folder is created once, changed in parts, and listed',
    withStore(open, async (store) => {
      await expect(store.write((tx) => tx.createFolder(folderRow()))).rejects.toThrow(
        expect.objectContaining({ code: 'already-exists' }),
      )
      const settings = {
        deleteBrakeShare: 1,
        deleteBrakeMin: 5,
        keepAllDays: 7,
        keepThinnedDays: 365,
        quotaBytes: 1e12,
      }
      await store.write((tx) => tx.updateFolder(DOCS, { settings, halted: 'too many deletes' }))
      await store.write((tx) => tx.updateFolder(DOCS, { name: 'Papers' }))
      expect(await store.read((tx) => tx.folders())).toEqual([
        folderRow({ settings, halted: 'too many deletes', name: 'Papers', revision: 2 }),
      ])
      const setBack = { era: 'e2', past: ['e1'], since: NOON, from: { laptop: 3 } }
      await store.write((tx) => tx.updateFolder(DOCS, { halted: null, setBack }))
      expect(await store.read((tx) => tx.folder(DOCS))).toMatchObject({ halted: null, setBack })
    }),
  )

  test(
    'a folder that is not there can not be changed',
    withStore(open, async (store) => {
      const changing = store.write((tx) => tx.updateFolder(PHOTOS, { name: 'x' }))
      await expect(changing).rejects.toThrow(expect.objectContaining({ code: 'not-found' }))
      expect(await store.read((tx) => tx.folder(PHOTOS))).toBeUndefined()
    }),
  )

  test(
    'a removed folder stays with all it holds, and is in use again when it comes back',
    withStore(open, async (store) => {
      await store.write((tx) => applyNow(tx, writesOf([fileState(1, 'a')])))
      const removed = { at: NOON, forGood: false }
      await store.write((tx) => tx.updateFolder(DOCS, { removed }))
      expect((await store.read((tx) => tx.folders())).map((row) => row.removed)).toEqual([removed])
      const kept: unknown[] = []
      await store.read(async (tx) => {
        for await (const content of tx.referencedContents(DOCS)) kept.push(content)
        expect(await tx.counts(DOCS)).toMatchObject({ files: 1 })
      })
      expect(kept).not.toEqual([])
      await store.write((tx) => tx.updateFolder(DOCS, { name: 'Papers' }))
      expect(await store.read((tx) => tx.folder(DOCS))).toMatchObject({ name: 'Papers', removed })
      await store.write((tx) => tx.updateFolder(DOCS, { removed: null }))
      expect(await store.read((tx) => tx.folder(DOCS))).not.toHaveProperty('removed')
    }),
  )

  test(
    'a folder is dropped in steps with all that is its own, and no other loses anything',
    withStore(open, async (store) => {
      const states = Array.from({ length: 7 }, (_, at) => fileState(at + 1, `file ${at}`))
      const invite = {
        secretHash: 'abc',
        folders: [DOCS],
        access: 'read-write',
        expiresAt: NOON,
        usedBy: null,
      } as const
      await store.write(async (tx) => {
        await tx.createFolder(folderRow({ id: PHOTOS }))
        for (const folder of [DOCS, PHOTOS]) {
          await tx.applyFolderWrites({
            ...writesOf(states),
            folder,
            events: [1, 2, 3].map((n) => newEvent(n, { folder })),
          })
          await tx.putMembership(membershipRow({ folder }))
        }
        await tx.countDigest(DOCS, 100)
        await tx.putInvite(invite)
        await tx.putInvite({ ...invite, secretHash: 'both', folders: [DOCS, PHOTOS] })
        await tx.putAssignment(ASSIGNED)
      })
      const steps: boolean[] = []
      while (steps.at(-1) !== true) steps.push(await store.write((tx) => tx.dropFolder(DOCS, 3)))
      expect(steps.length).toBeGreaterThan(2)
      expect(await store.write((tx) => tx.dropFolder(DOCS, 3))).toBe(true)
      await store.read(async (tx) => {
        expect((await tx.folders()).map(({ id }) => id)).toEqual([PHOTOS])
        expect(await tx.counts(PHOTOS)).toMatchObject({ files: 7 })
        expect((await tx.eventsAfter(0, {}, 100)).map(({ folder }) => folder)).toEqual([PHOTOS, PHOTOS, PHOTOS])
        expect((await tx.memberships({})).map(({ folder }) => folder)).toEqual([PHOTOS])
        expect(await tx.invite('abc')).toBeUndefined()
        expect(await tx.invite('both')).toMatchObject({ folders: [PHOTOS] })
        expect(await tx.versions(PHOTOS, idOf(1), { limit: 9 })).toHaveLength(1)
        // A node that was away is still to hear of it.
        expect(await tx.assignments({ node: PHONE })).toEqual([ASSIGNED])
      })
      // The id is free, and what comes under it is new.
      await store.write((tx) => tx.createFolder(folderRow({ epoch: 'second' })))
      await store.read(async (tx) => {
        expect(await tx.changesAfter(DOCS, 0, 10)).toEqual([])
        expect(await tx.digest(DOCS)).toBeUndefined()
      })
    }),
  )

  test(
    'what was decided for a node is found by folder and by node until it is taken back, the last word alone',
    withStore(open, async (store) => {
      await store.write(async (tx) => {
        await tx.putAssignment({ ...ASSIGNED, kind: 'offered' })
        await tx.putAssignment({ ...ASSIGNED, folder: PHOTOS })
        await tx.putAssignment({ ...ASSIGNED, node: LAPTOP })
        await tx.putAssignment(ASSIGNED)
      })
      await store.read(async (tx) => {
        expect(await tx.assignments({})).toHaveLength(3)
        expect(await tx.assignments({ folder: DOCS })).toEqual([{ ...ASSIGNED, node: LAPTOP }, ASSIGNED])
        expect(await tx.assignments({ folder: DOCS, node: PHONE })).toEqual([ASSIGNED])
      })
      await store.write((tx) => tx.removeAssignment(DOCS, PHONE))
      expect(await store.read((tx) => tx.assignments({ node: PHONE }))).toEqual([{ ...ASSIGNED, folder: PHOTOS }])
    }),
  )

  test(
    'a node is put and put anew',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putNode(nodeRow()))
      await store.write((tx) => tx.putNode(nodeRow({ id: PHONE, publicKey: 'a2V5' })))
      const later = nodeRow({ lastSeenAt: minutes(5), revoked: true, capabilities: [], address: 'fe80::1' })
      await store.write((tx) => tx.putNode(later))
      expect(await store.read((tx) => tx.node(LAPTOP))).toEqual({ ...later, ordinal: 0, dailyBytes: null })
      expect((await store.read((tx) => tx.nodes())).map((node) => node.id)).toEqual([LAPTOP, PHONE])
    }),
  )

  test(
    'a node keeps its place in the order of joining, whatever becomes of it and of others',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putNode(nodeRow({ id: PHONE })))
      await store.write((tx) => tx.putNode(nodeRow({ registeredAt: minutes(-5) })))
      await store.write((tx) => tx.putNode(nodeRow({ id: PHONE, name: 'renamed', revoked: true })))
      await store.write((tx) => tx.putNode(nodeRow({ id: NodeIdSchema.parse('tablet') })))
      const places = (await store.read((tx) => tx.nodes())).map(({ id, ordinal }) => [id, ordinal])
      expect(Object.fromEntries(places)).toEqual({ [PHONE]: 0, [LAPTOP]: 1, tablet: 2 })
    }),
  )

  test(
    'memberships are found by folder, by node and by both',
    withStore(open, async (store) => {
      await store.write(async (tx) => {
        await tx.createFolder(folderRow({ id: PHOTOS }))
        await tx.putMembership(membershipRow())
        await tx.putMembership(membershipRow({ node: PHONE, access: 'receive-only' }))
        await tx.putMembership(membershipRow({ folder: PHOTOS }))
        await tx.putMembership(membershipRow({ applied: 9, clock: { phone: 3 }, paused: true }))
      })
      await store.read(async (tx) => {
        expect(await tx.memberships({})).toHaveLength(3)
        expect(await tx.memberships({ folder: DOCS })).toHaveLength(2)
        expect(await tx.memberships({ node: LAPTOP })).toHaveLength(2)
        expect(await tx.memberships({ folder: DOCS, node: LAPTOP })).toEqual([
          membershipRow({ applied: 9, clock: { phone: 3 }, paused: true }),
        ])
      })
      await store.write((tx) => tx.removeMembership(DOCS, PHONE))
      expect(await store.read((tx) => tx.memberships({ folder: DOCS }))).toHaveLength(1)
    }),
  )

  test(
    'when a node was there last, and that it was revoked, change nothing else about it',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putNode(nodeRow()))
      await store.write((tx) => tx.revokeNode(LAPTOP))
      await store.write((tx) => tx.touchNode(LAPTOP, minutes(5)))
      expect(await store.read((tx) => tx.node(LAPTOP))).toEqual({
        ...nodeRow({ revoked: true, lastSeenAt: minutes(5) }),
        ordinal: 0,
        dailyBytes: null,
      })
      await store.write((tx) => tx.touchNode(PHONE, minutes(5)))
      await store.write((tx) => tx.revokeNode(PHONE))
      expect(await store.read((tx) => tx.node(PHONE))).toBeUndefined()
    }),
  )

  test(
    "a node's daily limit is a person's word: it stays until another is given, whatever the node says of itself",
    withStore(open, async (store) => {
      const limit = async () => (await store.read((tx) => tx.node(LAPTOP)))?.dailyBytes
      await store.write((tx) => tx.putNode(nodeRow()))
      await store.write((tx) => tx.changeNode(LAPTOP, { dailyBytes: 5e12 }))
      await store.write((tx) => tx.changeNode(LAPTOP, { name: 'desk' }))
      await store.write((tx) => tx.putNode(nodeRow({ version: '2' })))
      expect(await limit()).toBe(5e12)
      await store.write((tx) => tx.changeNode(LAPTOP, { dailyBytes: 0 }))
      expect(await limit()).toBe(0)
      await store.write((tx) => tx.changeNode(LAPTOP, { dailyBytes: null }))
      expect(await limit()).toBeNull()
    }),
  )

  test(
    'another name, or other directories, change nothing else about a node',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putNode(nodeRow()))
      await store.write((tx) => tx.changeNode(LAPTOP, { name: 'desk' }))
      await store.write((tx) => tx.changeNode(LAPTOP, { watchDirectories: ['/a', '/b'] }))
      await store.write((tx) => tx.changeNode(LAPTOP, {}))
      expect(await store.read((tx) => tx.node(LAPTOP))).toEqual({
        ...nodeRow({ name: 'desk', watchDirectories: ['/a', '/b'] }),
        ordinal: 0,
        dailyBytes: null,
      })
      await store.write((tx) => tx.changeNode(PHONE, { name: 'nobody' }))
      expect(await store.read((tx) => tx.node(PHONE))).toBeUndefined()
    }),
  )

  test(
    'what a member has applied leaves its rights alone, and they leave it alone',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putMembership(membershipRow()))
      expect(await store.write((tx) => tx.setRights(DOCS, LAPTOP, { paused: true }))).toBe(true)
      const applied = { applied: 9, clock: { phone: 3 } }
      expect(await store.write((tx) => tx.setApplied(DOCS, LAPTOP, applied))).toBe(true)
      expect(await store.write((tx) => tx.setRights(DOCS, LAPTOP, { access: 'receive-only' }))).toBe(true)
      expect(await store.read((tx) => tx.memberships({ node: LAPTOP }))).toEqual([
        membershipRow({ ...applied, paused: true, access: 'receive-only' }),
      ])
      await store.write((tx) => tx.setRights(DOCS, LAPTOP, { paused: false }))
      expect((await store.read((tx) => tx.memberships({ node: LAPTOP })))[0]?.paused).toBe(false)
      for (const [folder, node] of [
        [DOCS, PHONE],
        [PHOTOS, LAPTOP],
      ] as const) {
        expect(await store.write((tx) => tx.setApplied(folder, node, applied))).toBe(false)
        expect(await store.write((tx) => tx.setRights(folder, node, { paused: true }))).toBe(false)
      }
      expect(await store.read((tx) => tx.memberships({}))).toHaveLength(1)
    }),
  )

  test(
    'of many who use one invite at once, one succeeds',
    withStore(open, async (store) => {
      const invite = {
        secretHash: 'abc',
        folders: [DOCS],
        access: 'read-write',
        expiresAt: NOON,
        usedBy: null,
      } as const
      await store.write((tx) => tx.putInvite(invite))
      expect(await store.read((tx) => tx.invite('abc'))).toEqual(invite)
      const uses = await Promise.all(
        [LAPTOP, PHONE, LAPTOP].map((node) => store.write((tx) => tx.useInvite('abc', node))),
      )
      expect(uses).toEqual([true, false, false])
      expect((await store.read((tx) => tx.invite('abc')))?.usedBy).toBe(LAPTOP)
      expect(await store.write((tx) => tx.useInvite('unknown', LAPTOP))).toBe(false)
      expect(await store.read((tx) => tx.invite('unknown'))).toBeUndefined()
    }),
  )

  test(
    'open invites are listed by their end, and can be taken back until they are used',
    withStore(open, async (store) => {
      const invite = (secretHash: string, expiresAt: string) => {
        return { secretHash, folders: [DOCS], access: 'send-only', expiresAt, usedBy: null } as const
      }
      await store.write(async (tx) => {
        for (const [name, minute] of [
          ['late', 30],
          ['soon', 10],
          ['used', 20],
          ['over', 1],
        ] as const)
          await tx.putInvite(invite(name, minutes(minute)))
        await tx.useInvite('used', LAPTOP)
      })
      const listed = await store.read((tx) => tx.openInvites(minutes(5)))
      expect(listed).toEqual([invite('soon', minutes(10)), invite('late', minutes(30))])
      expect(await store.write((tx) => tx.removeInvite('soon'))).toBe(true)
      expect(await store.write((tx) => tx.removeInvite('soon'))).toBe(false)
      expect(await store.write((tx) => tx.removeInvite('used'))).toBe(false)
      expect(await store.write((tx) => tx.useInvite('soon', PHONE))).toBe(false)
      expect((await store.read((tx) => tx.openInvites(minutes(5)))).map(({ secretHash }) => secretHash)).toEqual([
        'late',
      ])
    }),
  )

  test(
    'a setting is put and put anew',
    withStore(open, async (store) => {
      expect(await store.read((tx) => tx.setting('key'))).toBeUndefined()
      await store.write((tx) => tx.putSetting('key', 'one'))
      await store.write((tx) => tx.putSetting('key', 'two'))
      expect(await store.read((tx) => tx.setting('key'))).toBe('two')
    }),
  )
}
