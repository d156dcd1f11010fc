import { existsSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import {
  FolderIdSchema,
  NodeIdSchema,
  SyncError,
  type Assignments,
  type CarriedFolder,
  type LinkSessionResponse,
} from '@causeway/protocol'
import { bindRoot } from '@causeway/replica'
import type { NodeRecord } from '../state/node-record.ts'
import { createNodeAssignments } from './node-assignments.ts'

const WORK = FolderIdSchema.parse('work')
const PHOTOS = FolderIdSchema.parse('photos')
const NOTHING: Assignments = { offers: [], ended: [] }
const TAKEN: Assignments = { offers: [], ended: [{ id: WORK, why: 'taken-away' }] }
const OFFERED: Assignments = { offers: [{ id: PHOTOS, name: 'Photos', access: 'send-only' }], ended: [] }
let root: string

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'causeway-assigned-')))
})

afterEach(() => rmSync(root, { recursive: true, force: true }))

test('a message alone ends nothing: what a sign-in that began after it says, does', async () => {
  const node = setUp({ signsInTo: session([carried(WORK)]) })
  node.assignments.signedIn(session([carried(WORK)]))
  node.assignments.told(TAKEN)
  await vi.waitFor(() => expect(node.calls).toContain('renew'))
  await node.assignments.stop()
  expect(node.calls).toEqual(['renew'])
  expect(node.record().folders).toHaveLength(1)
})

test('a folder that was taken away ends, is said to have, and leaves its files', async () => {
  const node = setUp({ signsInTo: session([], TAKEN) })
  writeFileSync(join(root, 'work', 'mine.txt'), 'mine')
  node.assignments.signedIn(session([carried(WORK)]))
  node.assignments.told(TAKEN)
  await vi.waitFor(() => expect(node.calls).toContain('renew'))
  await node.assignments.stop()
  expect(node.calls).toEqual(['renew', 'end work', 'forget work'])
  expect(node.record()).toMatchObject({ folders: [], former: [{ folder: 'work', why: 'taken-away' }] })
  expect(node.said.join()).toContain(`Its files stay in ${join(root, 'work')}.`)
  expect(existsSync(join(root, 'work', 'mine.txt'))).toBe(true)
  expect(node.assignments.former).toMatchObject([{ name: 'work', why: 'taken-away' }])
})

test('while the coordinator cannot be asked, everything stays as it is', async () => {
  const node = setUp({ signsInTo: null })
  node.assignments.signedIn(session([carried(WORK)]))
  node.assignments.told(TAKEN)
  await vi.waitFor(() => expect(node.calls).toContain('renew'))
  await node.assignments.stop()
  expect(node.record().folders).toHaveLength(1)
})

test('an offer is said once, waits for its person, and goes into the directory that is named', async () => {
  const node = setUp({ signsInTo: null })
  node.assignments.signedIn(session([carried(WORK)], OFFERED))
  node.assignments.told(OFFERED)
  await vi.waitFor(() => expect(node.said).toHaveLength(1))
  expect(node.said[0]).toBe(
    'Photos is offered to this node (send-only): "causeway accept Photos DIR" accepts it, "causeway decline Photos" declines it',
  )
  expect(node.assignments.offers).toMatchObject([{ folder: 'photos', name: 'Photos', reason: null }])
  const directory = join(root, 'photos')
  await expect(node.assignments.accept('Photos', null)).rejects.toThrow('say where Photos is to be kept')
  await expect(node.assignments.accept('Fotos', directory)).rejects.toThrow('Offered to it: Photos.')
  expect(await node.assignments.accept('photos', directory)).toEqual({ name: 'Photos', directory, access: 'send-only' })
  expect(node.calls).toEqual(['accept photos', 'forget photos', 'begin photos'])
  expect(node.assignments.offers).toEqual([])
  await expect(node.assignments.accept('photos', directory)).rejects.toMatchObject({ code: 'already-exists' })
})

test('an offer that is refused by the coordinator binds nothing', async () => {
  const node = setUp({ signsInTo: null, refuses: true })
  node.assignments.signedIn(session([carried(WORK)], OFFERED))
  await expect(node.assignments.accept('Photos', join(root, 'photos'))).rejects.toMatchObject({ code: 'not-allowed' })
  expect(node.record().folders.map(({ folder }) => folder)).toEqual(['work'])
  expect(node.calls).toEqual([])
})

test('a folder that is declined waits no longer, and is news when it is offered again', async () => {
  const node = setUp({ signsInTo: null })
  node.assignments.signedIn(session([carried(WORK)], OFFERED))
  await vi.waitFor(() => expect(node.said).toHaveLength(1))
  await expect(node.assignments.decline('Fotos')).rejects.toThrow('Offered to it: Photos.')
  await expect(node.assignments.decline('work')).rejects.toMatchObject({ code: 'already-exists' })
  expect(await node.assignments.decline('Photos')).toEqual({ name: 'Photos' })
  expect(node.calls).toEqual(['decline photos'])
  expect(node.assignments.offers).toEqual([])
  node.assignments.told(OFFERED)
  await vi.waitFor(() => expect(node.said).toHaveLength(2))
})

test('a folder that cannot be declined now goes on waiting', async () => {
  const node = setUp({ signsInTo: null, refuses: true })
  node.assignments.signedIn(session([carried(WORK)], OFFERED))
  await expect(node.assignments.decline('Photos')).rejects.toMatchObject({ code: 'offline' })
  expect(node.assignments.offers).toMatchObject([{ folder: 'photos' }])
})

test('what is offered no longer is news when it is offered again', async () => {
  const node = setUp({ signsInTo: null })
  node.assignments.signedIn(session([carried(WORK)], OFFERED))
  await vi.waitFor(() => expect(node.said).toHaveLength(1))
  node.assignments.told(NOTHING)
  expect(node.assignments.offers).toEqual([])
  node.assignments.told(OFFERED)
  await vi.waitFor(() => expect(node.said).toHaveLength(2))
})

test('a folder that was renamed is called so from then on', async () => {
  const node = setUp({ signsInTo: null })
  node.assignments.signedIn(session([{ ...carried(WORK), name: 'Letters' }]))
  await vi.waitFor(() => expect(node.record().folders).toMatchObject([{ folder: 'work', name: 'Letters' }]))
})

function carried(id: typeof WORK): CarriedFolder {
  return { id, name: id, epoch: 'e', access: 'read-write', deleteBrake: { share: 0.5, min: 20 } }
}

function session(folders: readonly CarriedFolder[], assignments = NOTHING): LinkSessionResponse {
  return { token: 't', expiresAt: '', folders: [...folders], assignments }
}

interface SetUp {
  /** What the next sign-in says; null where the coordinator can't be reached. */
  readonly signsInTo: LinkSessionResponse | null
  readonly refuses?: boolean
}

/** A node that carries one folder. */
function setUp({ signsInTo, refuses = false }: SetUp) {
  const directory = join(root, 'work')
  const nonce = bindRoot(directory, WORK)
  let record: NodeRecord = {
    format: 1,
    node: NodeIdSchema.parse('ash-1'),
    name: 'ash',
    coordinator: { url: 'http://127.0.0.1:8000', id: 'c' },
    address: 'ash',
    port: 0,
    folders: [{ folder: WORK, name: 'work', directory, access: 'read-write', nonce }],
  }
  const calls: string[] = []
  const said: string[] = []
  const assignments = createNodeAssignments({
    state: {
      get record() {
        return record
      },
      update: async (change) => void (record = change(record)),
      forgetFolder: async (folder) => void calls.push(`forget ${folder}`),
      locations: { root: join(root, 'state'), node: '', key: '', lock: '', folders: '', control: '' },
    },
    async renew() {
      calls.push('renew')
      if (signsInTo === null) throw new SyncError('offline', 'nobody there')
      assignments.signedIn(signsInTo)
    },
    async acceptAtCoordinator(id) {
      if (refuses) throw new SyncError('not-allowed', 'not offered any more')
      calls.push(`accept ${id}`)
      return { ...carried(id), name: 'Photos', access: 'send-only' }
    },
    async declineAtCoordinator(id) {
      if (refuses) throw new SyncError('offline', 'nobody there')
      calls.push(`decline ${id}`)
    },
    stateOption: '',
    usableDirectory: async (path) => path,
    begin: ({ folder }) => void calls.push(`begin ${folder}`),
    end: async (folder) => void calls.push(`end ${folder}`),
    say: (line) => void said.push(line),
    changed: () => undefined,
    wallNow: () => 0,
  })
  return { assignments, calls, said, record: () => record }
}
