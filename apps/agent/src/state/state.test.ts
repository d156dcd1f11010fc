import { verify, createPublicKey, randomUUID } from 'node:crypto'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FolderIdSchema, NodeIdSchema, SyncError } from '@causeway/protocol'
import { askControl, serveControl, type ControlServer } from './control.ts'
import { openNodeKey } from './identity.ts'
import { stateLocations, stateRoot } from './locations.ts'
import { openStateDirectory, readEnrolment, withBinding } from './state-directory.ts'

let root: string
const closers: (() => Promise<unknown>)[] = []

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'causeway-state-'))
})

afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
  await rm(root, { recursive: true, force: true })
})

const record = {
  node: NodeIdSchema.parse('ash-1'),
  name: 'ash',
  coordinator: { url: 'http://127.0.0.1:8000', id: 'c' },
  address: 'ash.local',
  port: 0,
  folders: [],
}

test('what is saved is read again, by this process and by commands beside it', async () => {
  const state = await openStateDirectory(root)
  expect(state.record).toBeUndefined()
  const binding = {
    folder: FolderIdSchema.parse('work'),
    name: 'Work',
    directory: '/work',
    access: 'read-write',
    nonce: 'n',
  } as const
  await state.save(withBinding({ format: 1, ...record }, binding))
  expect((await readEnrolment(root)).record.folders).toEqual([binding])
  await state.release()
})

test('the key is made once, is for its owner alone, and signs', async () => {
  const path = join(root, 'node.key')
  const key = await openNodeKey(path)
  const again = await openNodeKey(path)
  expect(again.publicKey).toBe(key.publicKey)
  expect((await stat(path)).mode & 0o777).toBe(0o600)
  const x = Buffer.from(key.publicKey, 'base64').toString('base64url')
  const known = createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
  expect(verify(null, Buffer.from('hello'), known, again.sign(Buffer.from('hello')))).toBe(true)
})

test.each([
  ['no JSON', 'not json', 'io-error'],
  ['another form', '{"format":1}', 'io-error'],
  ['a later format', '{"format":99}', 'newer-format'],
])('a node record that is %s is told, and never taken for none', async (_name, text, code) => {
  await writeFile(join(root, 'node.json'), text)
  await expect(readEnrolment(root)).rejects.toMatchObject({ code })
})

test('a damaged key is told', async () => {
  await writeFile(join(root, 'node.key'), 'garbage')
  await expect(openNodeKey(join(root, 'node.key'))).rejects.toMatchObject({ code: 'io-error' })
})

test('a state directory is used by one process: what another holds is locked, what a dead one left is not', async () => {
  const locations = stateLocations(root)
  await writeFile(locations.lock, JSON.stringify({ pid: process.ppid }))
  closers.push(await control(locations.control, async () => null))
  await expect(openStateDirectory(root)).rejects.toMatchObject({ code: 'state-locked' })
  await closers.pop()?.()
  await writeFile(locations.lock, JSON.stringify({ pid: 2 ** 22 + 12345 }))
  const state = await openStateDirectory(root)
  expect(JSON.parse(await readFile(locations.lock, 'utf8'))).toEqual({ pid: process.pid })
  await state.release()
})

test('a command gets its answer, and the error the node refused with', async () => {
  const address = stateLocations(root).control
  closers.push(
    await control(address, async (request) => {
      if (request.kind === 'status') return { hello: 'world' }
      throw new SyncError('not-found', 'no such folder')
    }),
  )
  expect(await askControl(address, { kind: 'status' })).toEqual({ hello: 'world' })
  await expect(askControl(address, { kind: 'resume', folder: 'x', choice: 'let-go' })).rejects.toMatchObject({
    code: 'not-found',
    message: 'no such folder',
  })
  expect((await stat(address)).mode & 0o077).toBe(0)
})

test('a command that is given up aborts what it asked for', async () => {
  const address = stateLocations(root).control
  const aborted = Promise.withResolvers<void>()
  closers.push(
    await control(address, (_request, signal) => {
      signal.addEventListener('abort', () => aborted.resolve())
      return aborted.promise
    }),
  )
  const giveUp = new AbortController()
  const asked = askControl(address, { kind: 'wait' }, giveUp.signal)
  setTimeout(() => giveUp.abort(new Error('no patience')), 20)
  await expect(asked).rejects.toThrow('no patience')
  await aborted.promise
})

test('where no node runs, a command is told so', async () => {
  await expect(askControl(stateLocations(root).control, { kind: 'status' })).rejects.toMatchObject({
    code: 'not-found',
  })
})

test('a state directory deep down has a short socket, one with a short path has it inside', () => {
  const deep = join(root, randomUUID(), randomUUID(), randomUUID())
  expect(Buffer.byteLength(stateLocations(deep).control)).toBeLessThanOrEqual(100)
  expect(stateLocations('/s').control).toBe('/s/control.sock')
  expect(stateLocations(deep).control).not.toBe(stateLocations(`${deep}x`).control)
})

test.each([
  ['--state, before all', '/given', { CAUSEWAY_STATE: '/env', XDG_STATE_HOME: '/xdg' }, '/given'],
  ['the environment', undefined, { CAUSEWAY_STATE: '/env', XDG_STATE_HOME: '/xdg' }, '/env'],
  ["the system's place for state", undefined, { XDG_STATE_HOME: '/xdg' }, '/xdg/causeway'],
])('the state directory is told by %s', (_name, given, env, expected) => {
  expect(stateRoot(given, env)).toBe(expected)
})

async function control(...args: Parameters<typeof serveControl>): Promise<() => Promise<void>> {
  const server: ControlServer = await serveControl(...args)
  return () => server.close()
}
