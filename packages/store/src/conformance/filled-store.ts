import { PersonIdSchema } from '@causeway/protocol'
import type { MetadataWriter } from '../metadata-store.ts'
import {
  applyNow,
  chunkRow,
  contentHashOf,
  directoryState,
  DOCS,
  fileState,
  folderRow,
  hashOf,
  idOf,
  keepNow,
  LAPTOP,
  membershipRow,
  minutes,
  newEvent,
  nodeRow,
  NOON,
  PHOTOS,
  writesOf,
} from './fixtures.ts'

/** Something in every table. */
export async function fillStore(tx: MetadataWriter): Promise<void> {
  await tx.createFolder(folderRow())
  await tx.createFolder(folderRow({ id: PHOTOS, name: 'Photos' }))
  await tx.putNode(nodeRow())
  await tx.changeNode(LAPTOP, { dailyBytes: 5e12 })
  await tx.putMembership(membershipRow())
  const states = [
    directoryState(1, 'sub'),
    fileState(2, 'Ärger 10.txt'),
    fileState(3, 'ärger 9', { parent: idOf(1) }),
    fileState(4, 'gone', { deleted: true, conflictOf: idOf(2), bytesVector: { laptop: 2 } }),
  ]
  await applyNow(
    tx,
    writesOf(states, {
      events: states.map(({ seq }) => newEvent(seq, { broughtBytes: seq })),
      aliases: [{ alias: idOf(8), entry: idOf(2) }],
      conflicts: [{ folder: DOCS, copy: idOf(4), rival: idOf(2), at: NOON }],
      outcomes: [{ node: LAPTOP, counter: 2, outcome: Uint8Array.of(0, 1, 255) }],
    }),
  )
  while (!(await tx.countDigest(DOCS, 100)));
  await tx.addChunks([chunkRow('one'), chunkRow('two', { offset: 4 })])
  await keepNow(tx, { manifests: [{ content: contentHashOf('large'), chunks: Uint8Array.of(1, 2, 3), size: 9 }] })
  await tx.addToFolder(DOCS, [hashOf('one')])
  await tx.loseChunks([hashOf('two')])
  await tx.markGarbage('chunk', [hashOf('one')], NOON)
  const pack = await tx.beginPack('a process')
  await tx.addPackTail(pack, { owner: 'a process', offset: 0, bytes: Uint8Array.of(9) })
  await tx.putAssignment({ folder: DOCS, node: LAPTOP, kind: 'offered', access: 'read-write', at: NOON })
  const invite = { secretHash: 'f'.repeat(64), folders: [DOCS], access: 'read-write', expiresAt: NOON, usedBy: null }
  await tx.putInvite({ ...invite, access: 'read-write' })
  await tx.putLease({ name: 'upkeep', holder: null, token: 2, beat: 7, ttlMs: 1000 })
  await tx.putSetting('coordinator', 'c-1')
  await tx.addTransfers([
    {
      folder: DOCS,
      node: LAPTOP,
      direction: 'up',
      entry: idOf(2),
      path: 'Ärger 10.txt',
      content: contentHashOf('one'),
      at: minutes(1),
      files: 1,
      logicalBytes: 10,
      wireBytes: 9,
      reusedBytes: 0,
      deltaBytes: 0,
      deltaWireBytes: 0,
      packedBytes: 0,
      packedWireBytes: 0,
      plainBytes: 10,
      wholeFileBytes: 10,
      peerBytes: 4,
    },
  ])
  const moved = { at: minutes(1), folder: DOCS, node: LAPTOP, changes: 1, bytesUp: 10, bytesDown: 0 }
  await tx.addThroughput([moved], { from: NOON, until: minutes(1) })
  await fillPeople(tx)
}

async function fillPeople(tx: MetadataWriter): Promise<void> {
  const person = PersonIdSchema.parse('p-ada')
  const common = { email: 'ada@example.com', isAdmin: true }
  await tx.people.put({
    ...common,
    id: person,
    name: 'Ada',
    passwordHash: 'scrypt$…',
    subject: null,
    disabled: false,
    createdAt: NOON,
  })
  await tx.people.setRoles(person, [{ folder: DOCS, role: 'editor' }])
  const invite = { ...common, secretHash: 'e'.repeat(64), kind: 'invitation', person: null, roles: [], usedBy: null }
  await tx.people.putInvite({ ...invite, kind: 'invitation', expiresAt: minutes(9) })
  const tokenHash = 'd'.repeat(64)
  await tx.signIns.putSession(
    {
      tokenHash,
      subject: { kind: 'person', person },
      createdAt: NOON,
      lastUsedAt: NOON,
      expiresAt: minutes(60),
      idleMs: 1000,
      userAgent: 'a browser',
      address: '127.0.0.1',
    },
    5,
  )
  await tx.signIns.putToken({
    tokenHash,
    person,
    name: 'backup',
    scope: 'read',
    folders: [DOCS],
    createdAt: NOON,
    expiresAt: minutes(60),
    lastUsedAt: null,
  })
  await tx.signIns.addAttempt('ada', NOON, NOON)
  await tx.signIns.useOnce('link', minutes(60), NOON)
  await tx.audit.add({
    at: NOON,
    actor: { kind: 'node', id: 'laptop', name: 'Laptop' },
    action: 'signed-in',
    object: '',
    from: '127.0.0.1',
    details: [],
  })
}
