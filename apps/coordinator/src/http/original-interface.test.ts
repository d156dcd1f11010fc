import { expect, test } from 'vitest'
import { json, run } from '../test-support/running.ts'

const NODE = {
  node_id: 'node-1',
  name: 'Laptop',
  address: '127.0.0.1',
  port: 9001,
  watch_directories: ['/home/ada/Documents'],
  capabilities: ['sync', 'watch'],
}

test('without authentication the register example works as written, on both ports', async () => {
  await using running = await run({ openToPeople: true })
  const post = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(NODE) }
  const response = await fetch(`${running.url}/api/register`, post)
  expect(response.status).toBe(200)
  expect(await response.json()).toMatchObject({ ...NODE, status: 'offline' })

  const nodes = await json(await fetch(`${running.dashboardUrl}/api/nodes`))
  expect(nodes).toEqual([expect.objectContaining(NODE)])
})

test('registering again changes the node and adds none', async () => {
  await using running = await run()
  await running.rest('POST', '/api/register', NODE)
  await running.rest('POST', '/api/register', {
    ...NODE,
    name: 'Desk',
    capabilities: { sync: true, watch: false, slots: 4 },
  })
  const { body } = await running.rest('GET', '/api/nodes')
  expect(body).toEqual([
    expect.objectContaining({ node_id: 'node-1', name: 'Desk', capabilities: ['sync', 'slots=4'] }),
  ])
  expect((await running.rest('GET', '/api/nodes/node-1')).body.name).toBe('Desk')

  expect((await running.rest('DELETE', '/api/nodes/node-1')).status).toBe(200)
  expect((await running.rest('GET', '/api/nodes')).body).toEqual([])
  expect((await running.rest('GET', '/api/nodes/node-1')).status).toBe(404)
})

test.each([
  ['no id', { ...NODE, node_id: undefined }],
  ['an id with a slash', { ...NODE, node_id: '../x' }],
  ['a port beyond all ports', { ...NODE, port: 70_000 }],
])('a node with %s is refused with the field that does not fit', async (_name, node) => {
  await using running = await run()
  const { status, body } = await running.rest('POST', '/api/register', node)
  expect(status).toBe(400)
  expect(body.error.code).toBe('bad-request')
  expect(body.error.message).toMatch(/node_id|port/)
})

test('a file that is uploaded is listed, and comes back byte for byte, whole and in ranges', async () => {
  await using running = await run({ openToPeople: true })
  await running.rest('POST', '/api/register', NODE)
  const bytes = Uint8Array.from({ length: 700_001 }, (_, index) => (index * 7919) >> (index % 13))
  const form = new FormData()
  form.set('file', new Blob([bytes]), 'photo.raw')
  // Behind the file, as some clients send them.
  form.set('path', 'a dir/photo "1".raw')
  form.set('owner_node', 'node-1')
  const uploaded = await json(await fetch(`${running.url}/api/files/upload`, { method: 'POST', body: form }))
  expect(uploaded).toMatchObject({ path: 'a dir/photo "1".raw', size: bytes.length, folder: 'default' })

  const listed = (await running.rest('GET', '/api/files?prefix=a%20dir/')).body
  expect(listed.files).toEqual([uploaded])
  expect((await running.rest('GET', '/api/files?search=PHOTO')).body.files).toEqual([uploaded])

  const path = `/api/files/download?path=${encodeURIComponent(uploaded.path)}`
  const whole = await fetch(running.url + path)
  expect(new Uint8Array(await whole.arrayBuffer())).toEqual(bytes)
  expect(whole.headers.get('content-disposition')).toBe(
    `attachment; filename="photo _1_.raw"; filename*=UTF-8''photo%20%221%22.raw`,
  )
  const part = await fetch(`${running.url}/api/files/${uploaded.id}/download`, {
    headers: { range: 'bytes=65000-400000' },
  })
  expect(part.status).toBe(206)
  expect(part.headers.get('content-range')).toBe(`bytes 65000-400000/${bytes.length}`)
  expect(new Uint8Array(await part.arrayBuffer())).toEqual(bytes.subarray(65_000, 400_001))
  const beyond = await fetch(running.url + path, { headers: { range: `bytes=${bytes.length}-` } })
  expect(beyond.status).toBe(416)

  const { events } = (await running.rest('GET', '/api/v1/events?after=0')).body
  expect(events.at(-1)).toMatchObject({ node: 'coordinator', kind: 'create', path: uploaded.path })
  expect(events.at(-1).reason).toContain('node-1')
})

test('an upload to a path that holds a file is its next version, and one beneath a file is refused', async () => {
  await using running = await run({ openToPeople: true })
  const upload = async (path: string, text: string) => {
    const form = new FormData()
    form.set('path', path)
    form.set('file', new Blob([text]), 'x')
    const response = await fetch(`${running.url}/api/files/upload`, { method: 'POST', body: form })
    return { status: response.status, body: await json(response) }
  }
  const first = await upload('notes.txt', 'one')
  const second = await upload('notes.txt', 'two')
  expect(second.body.id).toBe(first.body.id)
  const { versions } = (await running.rest('GET', '/api/v1/folders/default/history?path=notes.txt')).body
  expect(versions.map((version: { seq: number }) => version.seq)).toEqual([second.body.version, first.body.version])
  expect((await upload('notes.txt/below', 'three')).status).toBe(409)
  expect((await upload('../outside', 'four')).status).toBe(400)
  expect((await upload('empty', '')).body).toMatchObject({ size: 0 })
})

test('metrics are what was measured, and null where nothing was', async () => {
  await using running = await run()
  expect((await running.rest('GET', '/api/metrics')).body).toMatchObject({
    nodes: { registered: 0, online: 0 },
    commits: 0,
    successRate: null,
    commitLatencyMs: { p50: null, p99: null },
  })
  const node = await running.enrol('ada')
  await node.save('a.txt', 'hello', 1)
  const { body } = await running.rest('GET', '/api/metrics')
  expect(body).toMatchObject({ nodes: { registered: 1 }, files: 1, bytes: 5, commits: 1, successRate: 1 })
  expect(body.commitLatencyMs.p50).toBeGreaterThan(0)
  expect(body.wire.bytesIn).toBeGreaterThan(0)
})

test('without a folder there are no files, and the first upload makes the folder it needs', async () => {
  await using running = await run({ openToPeople: true, folders: [] })
  await running.rest('POST', '/api/register', NODE)
  expect((await running.rest('GET', '/api/v1/folders')).body).toEqual([])
  expect((await running.rest('GET', '/api/files')).body).toEqual({ files: [], next: null })
  expect((await running.rest('GET', '/api/files/download?path=a.txt')).status).toBe(404)
  const refused = await upload(running.url, { path: 'a.txt', folder: 'Fotos' })
  expect(refused).toMatchObject({ status: 404, body: { error: { code: 'not-found' } } })

  expect((await upload(running.url, { path: 'a.txt' })).body).toMatchObject({ path: 'a.txt', folder: 'files' })
  expect((await upload(running.url, { path: 'b.txt' })).body).toMatchObject({ folder: 'files' })
  const whole = await fetch(`${running.url}/api/files/download?path=a.txt`)
  expect(await whole.text()).toBe('a text')
})

test('with one folder that one is meant, and with several the question names them', async () => {
  await using running = await run({ openToPeople: true, folders: ['Photos'] })
  expect((await upload(running.url, { path: 'a.txt' })).body).toMatchObject({ folder: 'photos' })
  await running.rest('POST', '/api/v1/folders', { name: 'Papers' })
  const { status, body } = await upload(running.url, { path: 'b.txt' })
  expect({ status, message: body.error.message }).toEqual({
    status: 400,
    message: 'which folder? There are: Papers, Photos.',
  })
  expect((await upload(running.url, { path: 'b.txt', folder: 'Papers' })).body).toMatchObject({ folder: 'papers' })
})

async function upload(url: string, fields: { readonly path: string; readonly folder?: string }) {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) form.set(name, value)
  form.set('file', new Blob(['a text']), 'x')
  const response = await fetch(`${url}/api/files/upload`, { method: 'POST', body: form })
  return { status: response.status, body: await json(response) }
}
