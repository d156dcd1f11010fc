import { execFile, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdir, mkdtemp, open, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import type { S3Server } from '../support/chunks-in-s3.ts'
import { eventually } from '../support/eventually.ts'
import type { Lifetime } from '../support/lifetime.ts'
import { freePort, killWithTheRest } from '../support/processes.ts'

const BUCKET = 'packs'
const KEYS = { AWS_ACCESS_KEY_ID: 'CEPHTEST', AWS_SECRET_ACCESS_KEY: 'ceph-test-secret' }
const PROGRAM_MS = 60_000
const MEMORY_BYTES = 2 * 1024 ** 3

const run = promisify(execFile)

/**
 * Ceph's object gateway on loopback: one monitor, one OSD that keeps everything in memory, no manager, for as long as
 * `life` lasts. Needs the programs of `ensureCeph`.
 */
export async function startCeph(life: Lifetime): Promise<S3Server> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-ceph-'))
  life.add(() => rm(directory, { recursive: true, force: true, maxRetries: 5 }))
  for (const name of ['mon', 'osd', 'run', 'rgw']) await mkdir(join(directory, name))
  const [cluster, osd, monitor] = [randomUUID(), randomUUID(), `v2:127.0.0.1:${await freePort()}`]
  const config = join(directory, 'ceph.conf')
  await writeFile(config, configuration(directory, cluster, monitor))
  const us = ['--setuser', 'root', '--setgroup', 'root'].filter(() => process.getuid?.() === 0)
  const tell = (name: string, ...args: string[]) => program(name, ['-c', config, ...args])
  const keep = (name: string, ...args: string[]) => daemon(life, directory, name, ['-c', config, '-f', ...args])

  const map = join(directory, 'monmap')
  const addresses = ['--addv', 'a', `[${monitor}]`]
  await program('monmaptool', ['--create', '--fsid', cluster, ...addresses, '--enable-all-features', map])
  await tell('ceph-mon', '--mkfs', '-i', 'a', '--monmap', map, ...us)
  await keep('ceph-mon', '-i', 'a', ...us)
  await tell('ceph', 'osd', 'new', osd)
  await tell('ceph-osd', '-i', '0', '--mkfs', '--osd-uuid', osd, ...us)
  await keep('ceph-osd', '-i', '0', ...us)
  const { AWS_ACCESS_KEY_ID: key, AWS_SECRET_ACCESS_KEY: secret } = KEYS
  const user = ['--uid=tests', '--display-name=tests', `--access-key=${key}`, `--secret-key=${secret}`]
  await tell('radosgw-admin', 'user', 'create', ...user)
  const port = await freePort()
  await keep('radosgw', '-n', 'client.rgw', `--rgw-frontends=beast endpoint=127.0.0.1:${port}`)
  const endpoint = `http://127.0.0.1:${port}`
  const options = { timeoutMs: PROGRAM_MS, everyMs: 200 }
  await eventually("Ceph's gateway answers", async () => void (await fetch(endpoint)), options)
  await createBucket(endpoint)
  return { endpoint, bucket: BUCKET, env: KEYS }
}

async function program(name: string, args: readonly string[]): Promise<void> {
  const running = run(name, [...args], { timeout: PROGRAM_MS, killSignal: 'SIGKILL' })
  // Some of them read what they are given to its end first.
  running.child.stdin?.end()
  await running
}

async function createBucket(endpoint: string): Promise<void> {
  const { CreateBucketCommand, S3Client } = await import('@aws-sdk/client-s3')
  const credentials = { accessKeyId: KEYS.AWS_ACCESS_KEY_ID, secretAccessKey: KEYS.AWS_SECRET_ACCESS_KEY }
  const client = new S3Client({ endpoint, region: 'us-east-1', forcePathStyle: true, credentials })
  await client.send(new CreateBucketCommand({ Bucket: BUCKET }))
  client.destroy()
}

async function daemon(life: Lifetime, directory: string, name: string, args: readonly string[]): Promise<void> {
  const output = await open(join(directory, `${name}.out`), 'a')
  const child = spawn(name, args, { stdio: ['ignore', output.fd, output.fd] })
  const ended = once(child, 'exit')
  await output.close()
  killWithTheRest(() => child.kill('SIGKILL'))
  life.add(async () => {
    child.kill('SIGKILL')
    await ended
  })
}

function configuration(directory: string, cluster: string, monitor: string): string {
  const auth = ['cluster', 'service', 'client'].map((who) => `auth ${who} required = none`)
  // Without authentication there is nothing to encrypt with, which the monitor's clients would ask for.
  const modes = ['client', 'cluster', 'service'].map((who) => `ms mon ${who} mode = crc secure`)
  const places = ['mon', 'osd', 'rgw'].map((what) => `${what} data = ${join(directory, what)}`)
  return `[global]
fsid = ${cluster}
mon host = ${monitor}
public addr = 127.0.0.1
ms bind ipv6 = false
${[...auth, ...modes, ...places].join('\n')}
run dir = ${join(directory, 'run')}
admin socket =
log file = ${directory}/$name.log
mon allow pool size one = true
mon max pg per osd = 1000
osd objectstore = memstore
memstore device bytes = ${MEMORY_BYTES}
osd crush chooseleaf type = 0
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 4
osd pool default pgp num = 4
osd pool default pg autoscale mode = off
rgw thread pool size = 32
`
}
