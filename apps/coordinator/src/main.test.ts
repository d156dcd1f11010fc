import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClient } from '@causeway/client'
import { expect, onTestFinished, test } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))

test('a coordinator says once that it is ready, keeps what it was given over kill and restart, and stops cleanly', async () => {
  const data = await temporaryDirectory()
  const first = await start(data)
  const token = (await readFile(join(data, 'admin.token'), 'utf8')).trim()
  expect((await stat(join(data, 'admin.token'))).mode & 0o777).toBe(0o600)
  expect((await readFile(join(data, 'coordinator.url'), 'utf8')).trim()).toBe(first.url)
  // No folder is there that nobody made.
  expect(await createClient({ url: first.url, token }).folders()).toEqual([])
  await createClient({ url: first.url, token }).upload(new Blob(['kept']), { path: 'a.txt' })
  expect(await first.end('SIGKILL')).toBeNull()

  const second = await start(data)
  const client = createClient({ url: second.url, token })
  expect(await (await client.download('files', 'a.txt')).text()).toBe('kept')
  expect(await second.end('SIGTERM')).toBe(0)
  expect(second.output()).toBe(`ready ${second.url}\n`)
  await expect(stat(join(data, 'coordinator.url'))).rejects.toMatchObject({ code: 'ENOENT' })
})

test('a second coordinator on the same data is refused', async () => {
  const data = await temporaryDirectory()
  const first = await start(data)
  await expect(start(data)).rejects.toThrow(/exit 1.*a coordinator is already running on/s)
  expect(await first.end('SIGTERM')).toBe(0)
})

test('a stop keeps answering while a balancer is to notice it, and a second signal ends it at once', async () => {
  const running = await start(await temporaryDirectory(), '--drain-notice', '3600')
  const ended = running.end('SIGTERM')
  while ((await fetch(`${running.url}/readyz`)).status !== 503);
  // One request that comes twice, from a terminal and from what started the process, is one request.
  void running.end('SIGINT')
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
  await new Promise((resolve) => setTimeout(resolve, 700))
  expect((await fetch(`${running.url}/healthz`)).status).toBe(200)
  void running.end('SIGTERM')
  expect(await ended).toBe(1)
})

test('arguments that do not fit end it with 2 and a reason', async () => {
  await expect(start(await temporaryDirectory(), '--no-auth', '--host', '0.0.0.0')).rejects.toThrow(/exit 2.*loopback/s)
})

test('a port that is taken ends it with the port, the reason and the flag', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const address = server.address()
  const port = typeof address === 'object' ? String(address?.port) : ''
  const data = await temporaryDirectory()
  await expect(start(data, '--port', port)).rejects.toThrow(
    `exit 1: causeway serve: cannot listen on 127.0.0.1:${port}: another program has this port. Name another port with --port.`,
  )
  await expect(start(data, '--dashboard-port', port)).rejects.toThrow('Name another port with --dashboard-port.')
})

test('a data directory that cannot be made, or used, ends it at once with the reason', async () => {
  const data = await temporaryDirectory()
  await writeFile(join(data, 'file'), '')
  await expect(start(data, '--data', join(data, 'file'))).rejects.toThrow(/exit 1.*a file with this name exists/s)
  if (process.platform !== 'linux') return
  await expect(start(data, '--data', '/proc/x')).rejects.toThrow(/exit 1.*nothing can be created in \/proc/s)
})

async function start(data: string, ...more: string[]) {
  const args = [MAIN, 'serve', '--data', data, '--port', '0', '--dashboard-port', '0', ...more]
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'], cwd: data })
  onTestFinished(() => void child.kill('SIGKILL'))
  let output = ''
  let errors = ''
  child.stdout.on('data', (bytes) => (output += String(bytes)))
  child.stderr.on('data', (bytes) => (errors += String(bytes)))
  const exited = once(child, 'exit').then(([code]: (number | null)[]) => code ?? null)
  while (!output.includes('\n')) {
    const code = await Promise.race([once(child.stdout, 'data').then(() => 'more' as const), exited])
    if (code !== 'more') throw new Error(`exit ${code}: ${errors}`)
  }
  const url = /^ready (\S+)\n/.exec(output)?.[1] ?? ''
  return {
    url,
    output: () => output,
    end(signal: NodeJS.Signals): Promise<number | null> {
      child.kill(signal)
      return exited
    },
  }
}

async function temporaryDirectory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'coordinator-'))
  onTestFinished(() => rm(path, { recursive: true, force: true }))
  return path
}
