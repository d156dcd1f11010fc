import { PersonIdSchema, type PersonId } from '@causeway/protocol'
import { expect, test } from 'vitest'
import type { PersonInviteRow, PersonRow } from '../../people.ts'
import { DOCS, folderRow, minutes, NOON, PHOTOS } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export const ADA: PersonId = PersonIdSchema.parse('ada')
const EVE = PersonIdSchema.parse('eve')

export function peopleCases(open: OpenStore): void {
  test(
    'people are kept by id, and found by the name they sign in with, however it is written',
    withStore(open, async (store) => {
      const [ada, eve] = [personRow(), personRow({ id: EVE, name: 'Eve', passwordHash: null, isAdmin: true })]
      for (const person of [eve, ada]) expect(await store.write((tx) => tx.people.put(person))).toBe(true)
      expect(await store.read((tx) => tx.people.all())).toEqual([ada, eve])
      expect(await store.read((tx) => tx.people.person(ADA))).toEqual(ada)
      expect(await store.read((tx) => tx.people.named(' ADA '))).toEqual(ada)
      // Whatever a stranger types, a NUL as well.
      for (const name of ['bob', 'a\0da']) expect(await store.read((tx) => tx.people.named(name))).toBeUndefined()
      const changed = { ...ada, name: 'Ada L.', disabled: true }
      await store.write((tx) => tx.people.put(changed))
      expect(await store.read((tx) => tx.people.named('ada l.'))).toEqual(changed)
      expect(await store.read((tx) => tx.people.named('ada'))).toBeUndefined()
    }),
  )

  test(
    'no two people sign in with names that look the same, or by the same subject; an address may be shared',
    withStore(open, async (store) => {
      await store.write((tx) => tx.people.put(personRow({ subject: 'issuer 1', email: 'Ada@Example.org' })))
      const put = (change: Partial<PersonRow>) =>
        store.write((tx) => tx.people.put(personRow({ id: EVE, name: 'Eve', ...change })))
      expect(await put({ name: 'aDA' })).toBe(false)
      expect(await put({ subject: 'issuer 1' })).toBe(false)
      expect(await store.read((tx) => tx.people.person(EVE))).toBeUndefined()
      expect(await put({ subject: 'issuer 2', email: 'ada@example.org' })).toBe(true)
      expect((await store.read((tx) => tx.people.withSubject('issuer 2')))?.id).toBe(EVE)
      const sharing = await store.read((tx) => tx.people.withEmail('ADA@example.org'))
      expect(sharing.map(({ id }) => id)).toEqual([ADA, EVE])
    }),
  )

  test(
    'roles are set as a whole, for folders that there are',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      for (const id of [ADA, EVE]) await store.write((tx) => tx.people.put(personRow({ id, name: id })))
      const grant = (person: PersonId, ...folders: (typeof DOCS)[]) =>
        store.write((tx) =>
          tx.people.setRoles(
            person,
            folders.map((folder) => ({ folder, role: 'viewer' })),
          ),
        )
      await grant(ADA, DOCS, PHOTOS)
      await grant(EVE, PHOTOS)
      expect(await store.read((tx) => tx.people.roles(ADA))).toEqual([
        { person: ADA, folder: DOCS, role: 'viewer' },
        { person: ADA, folder: PHOTOS, role: 'viewer' },
      ])
      await grant(ADA)
      expect((await store.read((tx) => tx.people.roles())).map(({ person }) => person)).toEqual([EVE])
    }),
  )

  test(
    'a folder that is dropped takes its roles along, in invitations and tokens too: a later one of its name is not theirs',
    withStore(open, async (store) => {
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      await store.write((tx) => tx.people.put(personRow()))
      const roles = [DOCS, PHOTOS].map((folder) => ({ folder, role: 'editor' as const }))
      await store.write((tx) => tx.people.setRoles(ADA, roles))
      await store.write((tx) => tx.people.putInvite(inviteRow({ roles })))
      await store.write((tx) => tx.signIns.putToken({ ...TOKEN, folders: [PHOTOS] }))
      while (!(await store.write((tx) => tx.dropFolder(PHOTOS, 10))));
      await store.write((tx) => tx.createFolder(folderRow({ id: PHOTOS })))
      expect((await store.read((tx) => tx.people.roles(ADA))).map(({ folder }) => folder)).toEqual([DOCS])
      expect((await store.read((tx) => tx.people.invite('secret')))?.roles).toEqual([{ folder: DOCS, role: 'editor' }])
      expect((await store.read((tx) => tx.signIns.token('token')))?.folders).toEqual([])
    }),
  )

  test(
    'an invitation is used once, and is open until then or until its time is over',
    withStore(open, async (store) => {
      const invite = inviteRow({ roles: [{ folder: DOCS, role: 'viewer' }], email: 'ada@example.org' })
      await store.write((tx) => tx.people.putInvite(invite))
      await store.write((tx) => tx.people.putInvite(inviteRow({ secretHash: 'later', expiresAt: minutes(90) })))
      const openAt = async (at: string) =>
        (await store.read((tx) => tx.people.openInvites(at))).map(({ secretHash }) => secretHash)
      expect(await store.read((tx) => tx.people.invite('secret'))).toEqual(invite)
      expect(await openAt(NOON)).toEqual(['secret', 'later'])
      expect(await openAt(minutes(60))).toEqual(['later'])
      const use = () => store.write((tx) => tx.people.useInvite('secret', ADA))
      expect([await use(), await use()]).toEqual([true, false])
      expect(await store.write((tx) => tx.people.removeInvite('secret'))).toBe(false)
      expect(await store.write((tx) => tx.people.removeInvite('later'))).toBe(true)
      expect(await openAt(NOON)).toEqual([])
    }),
  )

  test(
    'a person who is removed takes roles, sessions, tokens and invitations for them along, and nobody else’s',
    withStore(open, async (store) => {
      for (const id of [ADA, EVE]) {
        await store.write(async (tx) => {
          await tx.people.put(personRow({ id, name: id }))
          await tx.people.setRoles(id, [{ folder: DOCS, role: 'viewer' }])
          await tx.people.putInvite(inviteRow({ secretHash: id, kind: 'new-password', person: id }))
          await tx.signIns.putToken({ ...TOKEN, tokenHash: id, person: id })
          await tx.signIns.putSession({ ...SESSION, tokenHash: id, subject: { kind: 'person', person: id } }, 10)
        })
      }
      await store.write((tx) => tx.people.remove(ADA))
      const left = await store.read(async (tx) => [
        await tx.people.all(),
        await tx.people.roles(),
        await tx.people.openInvites(NOON),
        await tx.signIns.tokens(),
        [await tx.signIns.session(ADA), await tx.signIns.session(EVE)].filter((row) => row !== undefined),
      ])
      expect(left.map((rows) => rows.length)).toEqual([1, 1, 1, 1, 1])
      expect(await store.read((tx) => tx.people.person(ADA))).toBeUndefined()
    }),
  )
}

const TOKEN = {
  tokenHash: 'token',
  person: ADA,
  name: 'backup',
  scope: 'read',
  folders: null,
  createdAt: NOON,
  expiresAt: minutes(60),
  lastUsedAt: null,
} as const

const SESSION = {
  createdAt: NOON,
  lastUsedAt: NOON,
  expiresAt: minutes(60),
  idleMs: 3_600_000,
  userAgent: '',
  address: '',
}

export function personRow(change: Partial<PersonRow> = {}): PersonRow {
  return {
    id: ADA,
    name: 'Ada',
    passwordHash: 'hash',
    email: null,
    subject: null,
    isAdmin: false,
    disabled: false,
    createdAt: NOON,
    ...change,
  }
}

function inviteRow(change: Partial<PersonInviteRow> = {}): PersonInviteRow {
  return {
    secretHash: 'secret',
    kind: 'invitation',
    person: null,
    isAdmin: false,
    roles: [],
    email: null,
    expiresAt: minutes(60),
    usedBy: null,
    ...change,
  }
}
