import { expect, test } from 'vitest'
import type { NewAuditEntry } from '../../audit-rows.ts'
import { minutes, NOON } from '../fixtures.ts'
import { withStore, type OpenStore } from './with-store.ts'

export function auditCases(open: OpenStore): void {
  test(
    'lines of the audit log come back newest first, page by page, as they were added',
    withStore(open, async (store) => {
      const added = []
      for (const at of [0, 1, 2]) added.push(await store.write((tx) => tx.audit.add(line({ at: minutes(at) }))))
      expect(added.map(({ position: _position, ...entry }) => entry)).toEqual(
        [0, 1, 2].map((at) => line({ at: minutes(at) })),
      )
      expect(await store.read((tx) => tx.audit.before(undefined, {}, 10))).toEqual(added.toReversed())
      const [newest] = await store.read((tx) => tx.audit.before(undefined, {}, 1))
      expect(newest).toEqual(added[2])
      expect(await store.read((tx) => tx.audit.before(newest?.position, {}, 1))).toEqual([added[1]])
    }),
  )

  test(
    'lines can be asked for by what was done, and by whom',
    withStore(open, async (store) => {
      await store.write((tx) => tx.audit.add(line({ action: 'signed-in' })))
      await store.write((tx) => tx.audit.add(line({ actor: { kind: 'node', id: 'laptop', name: 'Laptop' } })))
      const objects = async (filter: object) =>
        (await store.read((tx) => tx.audit.before(undefined, filter, 10))).length
      expect(await objects({ action: 'signed-in' })).toBe(1)
      expect(await objects({ actor: 'laptop' })).toBe(1)
      expect(await objects({ actor: 'laptop', action: 'signed-in' })).toBe(0)
    }),
  )

  test(
    'a line that was added in a write that failed is not there, and leaves others alone',
    withStore(open, async (store) => {
      await store.write((tx) => tx.audit.add(line()))
      const failing = store.write(async (tx) => {
        await tx.audit.add(line())
        throw new Error('thought better of it')
      })
      await expect(failing).rejects.toThrow('thought better of it')
      expect(await store.read((tx) => tx.audit.before(undefined, {}, 10))).toHaveLength(1)
    }),
  )
}

function line(change: Partial<NewAuditEntry> = {}): NewAuditEntry {
  return {
    at: NOON,
    actor: { kind: 'person', id: 'ada', name: 'Ada' },
    action: 'folder-created',
    object: 'docs',
    from: '192.0.2.1',
    details: [{ name: 'name', value: 'Docs' }],
    ...change,
  }
}
