import { expect, test } from 'vitest'
import type { MetadataStore } from '../../metadata-store.ts'
import type { ApiTokenRow, SessionRow, SessionSubject } from '../../sign-ins.ts'
import { DOCS, LAPTOP, minutes, NOON } from '../fixtures.ts'
import { ADA, personRow } from './people-cases.ts'
import { withStore, type OpenStore } from './with-store.ts'

const PERSON: SessionSubject = { kind: 'person', person: ADA }
const NODE: SessionSubject = { kind: 'node', node: LAPTOP }
const OWNER: SessionSubject = { kind: 'owner' }

export function signInCases(open: OpenStore): void {
  test(
    'a session comes back as it was put, whoever is signed in by it; those of one subject last used first',
    withStore(open, async (store) => {
      const rows = [PERSON, NODE, OWNER].map((subject) => sessionRow(subject.kind, { subject }))
      for (const row of rows) await put(store, row)
      for (const row of rows) expect(await store.read((tx) => tx.signIns.session(row.tokenHash))).toEqual(row)
      await put(store, sessionRow('second', { lastUsedAt: minutes(1) }))
      expect(await hashesOf(store)).toEqual(['second', 'person'])
      await store.write((tx) => tx.signIns.touchSession('person', minutes(2)))
      await store.write((tx) => tx.signIns.touchSession('person', minutes(1)))
      expect(await hashesOf(store)).toEqual(['person', 'second'])
      expect((await store.read((tx) => tx.signIns.session('person')))?.lastUsedAt).toBe(minutes(2))
    }),
  )

  test(
    'sessions end one by one, or all of a subject but one',
    withStore(open, async (store) => {
      for (const name of ['a', 'b', 'c', 'd']) await put(store, sessionRow(name))
      await put(store, sessionRow('node', { subject: NODE }))
      expect(await store.write((tx) => tx.signIns.removeSession('a'))).toBe(true)
      expect(await store.write((tx) => tx.signIns.removeSession('a'))).toBe(false)
      expect(await store.write((tx) => tx.signIns.removeSessions(PERSON, 'c'))).toBe(2)
      expect(await hashesOf(store)).toEqual(['c'])
      expect(await store.write((tx) => tx.signIns.removeSessions(PERSON))).toBe(1)
      expect(await hashesOf(store, NODE)).toEqual(['node'])
    }),
  )

  test(
    'what has ended is forgotten when another session begins, as are those of one subject beyond the most there may be',
    withStore(open, async (store) => {
      await put(store, sessionRow('over', { expiresAt: minutes(5) }))
      await put(store, sessionRow('idle', { idleMs: 5 * 60_000 }))
      await put(store, sessionRow('node', { subject: NODE }))
      for (const at of [6, 7, 8]) await put(store, sessionRow(`at ${at}`, { lastUsedAt: minutes(at) }), 2)
      expect(await hashesOf(store)).toEqual(['at 8', 'at 7'])
      expect(await hashesOf(store, NODE)).toEqual(['node'])
    }),
  )

  test(
    'tokens are kept with their scope, and go one by one',
    withStore(open, async (store) => {
      await store.write((tx) => tx.people.put(personRow()))
      const [all, some] = [tokenRow('all'), tokenRow('some', { folders: [DOCS], createdAt: minutes(1) })]
      for (const row of [some, all]) await store.write((tx) => tx.signIns.putToken(row))
      expect(await store.read((tx) => tx.signIns.tokens(ADA))).toEqual([all, some])
      await store.write((tx) => tx.signIns.touchToken('all', minutes(3)))
      await store.write((tx) => tx.signIns.touchToken('all', minutes(2)))
      expect((await store.read((tx) => tx.signIns.token('all')))?.lastUsedAt).toBe(minutes(3))
      const remove = () => store.write((tx) => tx.signIns.removeToken('some'))
      expect([await remove(), await remove()]).toEqual([true, false])
      expect((await store.read((tx) => tx.signIns.tokens())).map(({ tokenHash }) => tokenHash)).toEqual(['all'])
    }),
  )

  test(
    'attempts are counted by key until they are old, or forgotten',
    withStore(open, async (store) => {
      const add = (key: string, at: number) =>
        store.write((tx) => tx.signIns.addAttempt(key, minutes(at), minutes(at - 10)))
      expect(await add('ada', 0)).toEqual({ count: 1, lastAt: NOON })
      expect(await add('ada', 1)).toEqual({ count: 2, lastAt: minutes(1) })
      expect((await add('eve', 2)).count).toBe(1)
      expect(await store.read((tx) => tx.signIns.attempts('ada'))).toEqual({ count: 2, lastAt: minutes(1) })
      await add('ada', 3)
      await store.write((tx) => tx.signIns.takeBackAttempt('ada'))
      await store.write((tx) => tx.signIns.takeBackAttempt('nobody'))
      expect((await store.read((tx) => tx.signIns.attempts('ada'))).count).toBe(2)
      await add('eve', 14)
      expect(await store.read((tx) => tx.signIns.attempts('ada'))).toEqual({ count: 0, lastAt: null })
      await store.write((tx) => tx.signIns.forgetAttempts('eve'))
      expect((await store.read((tx) => tx.signIns.attempts('eve'))).count).toBe(0)
    }),
  )

  test(
    'what is good once is used once, and is not remembered for longer than it is good',
    withStore(open, async (store) => {
      const use = (at: number) => store.write((tx) => tx.signIns.useOnce('nonce', minutes(at + 1), minutes(at)))
      expect([await use(0), await use(0)]).toEqual([true, false])
      expect(await use(1)).toBe(true)
    }),
  )
}

function put(store: MetadataStore, row: SessionRow, most = 10): Promise<void> {
  return store.write((tx) => tx.signIns.putSession(row, most))
}

async function hashesOf(store: MetadataStore, subject = PERSON): Promise<string[]> {
  return (await store.read((tx) => tx.signIns.sessions(subject))).map(({ tokenHash }) => tokenHash)
}

function sessionRow(tokenHash: string, change: Partial<SessionRow> = {}): SessionRow {
  return {
    tokenHash,
    subject: PERSON,
    createdAt: NOON,
    lastUsedAt: NOON,
    expiresAt: minutes(60),
    idleMs: 30 * 60_000,
    userAgent: 'a browser',
    address: '192.0.2.1',
    ...change,
  }
}

function tokenRow(tokenHash: string, change: Partial<ApiTokenRow> = {}): ApiTokenRow {
  return {
    tokenHash,
    person: ADA,
    name: 'backup',
    scope: 'read',
    folders: null,
    createdAt: NOON,
    expiresAt: minutes(60),
    lastUsedAt: null,
    ...change,
  }
}
