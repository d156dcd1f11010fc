import { open, readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { z } from 'zod'
import { SyncError, systemError } from '@causeway/protocol'
import type { StateLocations } from './locations.ts'

/** Held while a process works with a state directory. */
export interface StateLock {
  release(): Promise<void>
}

const LockSchema = z.object({ pid: z.int().min(1) })

/**
 * Makes this process the only one that works with the state directory. Throws
 * `state-locked` if another one does. What a process left that was killed is
 * noticed (nobody with its id runs, or nobody answers on the control socket)
 * and cleared away.
 */
export async function lockState(locations: StateLocations): Promise<StateLock> {
  for (let attempt = 1; ; attempt++) {
    if (await tryCreate(locations.lock)) return { release: () => rm(locations.lock, { force: true }) }
    const holder = await holderOf(locations)
    if (holder !== undefined || attempt === 5) {
      throw new SyncError(
        'state-locked',
        `a node runs with ${locations.root} already${holder ? ` (process ${holder})` : ''}: "causeway status" shows what it does. Stop it first, or name another state directory with --state`,
      )
    }
    await rm(locations.lock, { force: true })
  }
}

async function tryCreate(path: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx', 0o600)
    await file.writeFile(JSON.stringify({ pid: process.pid }))
    await file.close()
    return true
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return false
    throw systemError(`cannot write ${path}`, error)
  }
}

async function holderOf({ lock, control }: StateLocations): Promise<number | undefined> {
  const text = await readFile(lock, 'utf8').catch(() => '')
  const read = LockSchema.safeParse(parse(text))
  // Written in two steps: an empty file belongs to a process that begins or that was killed in between.
  if (!read.success) return (await answers(control)) ? 0 : undefined
  const { pid } = read.data
  if (pid === process.pid || !isAlive(pid)) return undefined
  if (await answers(control)) return pid
  // The id may have gone to another program since; a node that starts or stops does not answer either.
  return (await isNode(pid)) ? pid : undefined
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return isErrno(error, 'EPERM')
  }
}

/** Whether the process looks like one of ours, where the system tells; otherwise it is taken for one. */
async function isNode(pid: number): Promise<boolean> {
  if (process.platform !== 'linux') return true
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => undefined)
  return command === undefined || /node|causeway/.test(command)
}

function answers(control: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(control)
    socket.setTimeout(1_000)
    const end = (answer: boolean) => {
      socket.destroy()
      resolve(answer)
    }
    socket.once('connect', () => end(true))
    socket.once('error', () => end(false))
    socket.once('timeout', () => end(false))
  })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}
