import { NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { DOCS, folderRow, LAPTOP, membershipRow, minutes, nodeRow, NOON, PHONE, PHOTOS } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function fleetCases(open: OpenStore): void {
  test(
    'a folder is created once, changed in parts, and listed',
    withStore(open, async (store) => {
      await expect(store.write((tx) => tx.createFolder(folderRow()))).rejects.toThrow(
        expect.objectContaining({ code: 'already-exists' }),
      )
      const settings = { deleteBrakeShare: 1, deleteBrakeMin: 5, keepAllDays: 7, keepThinnedDays: 365 }
      await store.write((tx) => tx.updateFolder(DOCS, { settings, halted: 'too many deletes' }))
      await store.write((tx) => tx.updateFolder(DOCS, { name: 'Papers' }))
      expect(await store.read((tx) => tx.folders())).toEqual([
        folderRow({ settings, halted: 'too many deletes', name: 'Papers' }),
      ])
      const setBack = { era: 'e2', past: ['e1'], since: NOON, from: { laptop: 3 } }
      await store.write((tx) => tx.updateFolder(DOCS, { halted: null, epoch: 'second', setBack }))
      expect(await store.read((tx) => tx.folder(DOCS))).toMatchObject({ halted: null, epoch: 'second', setBack })
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
    'a node is put and put anew',
    withStore(open, async (store) => {
      await store.write((tx) => tx.putNode(nodeRow()))
      await store.write((tx) => tx.putNode(nodeRow({ id: PHONE, publicKey: 'a2V5' })))
      const later = nodeRow({ lastSeenAt: minutes(5), revoked: true, capabilities: [], address: 'fe80::1' })
      await store.write((tx) => tx.putNode(later))
      expect(await store.read((tx) => tx.node(LAPTOP))).toEqual({ ...later, ordinal: 0 })
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
    'of many who use one invite at once, one succeeds',
    withStore(open, async (store) => {
      const invite = { secretHash: 'abc', folder: DOCS, access: 'read-write', expiresAt: NOON, usedBy: null } as const
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
        return { secretHash, folder: DOCS, access: 'send-only', expiresAt, usedBy: null } as const
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
