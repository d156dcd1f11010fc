import { mkdir, open, readFile, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { z } from 'zod'
import { isFullDisk } from './disk-words.ts'

/** The demo that runs on a directory, as it tells of itself. */
const RunningSchema = z.object({ pid: z.int().min(1), dashboard: z.string() })
export type Running = z.infer<typeof RunningSchema>

/** `none` where the disk is too full to note who runs there. */
export type Claim = { readonly kind: 'claimed' | 'none' } | { readonly kind: 'taken'; readonly by: Running }

/** Between a file's being made and its being written. */
const WRITTEN_WITHIN_MS = 200
const ATTEMPTS = 5

/**
 * Makes this process the one that runs the demo on a directory, unless another one does. What a demo left that was
 * killed counts for nothing. Throws what the disk refuses, but for a lack of room.
 */
export async function claim(dir: string, own: Running): Promise<Claim> {
  const path = pathIn(dir)
  for (let attempt = 1; ; attempt++) {
    try {
      await makeDirectory(dirname(path))
      await writeNew(path, JSON.stringify(own))
      return { kind: 'claimed' }
    } catch (error) {
      if (isFullDisk(error)) return { kind: 'none' }
      if (!isErrno(error, 'EEXIST')) throw error
    }
    const by = await readRunning(path)
    if (by !== undefined && (await isDemo(by.pid))) return { kind: 'taken', by }
    if (attempt > ATTEMPTS) throw new Error(`${path} can't be replaced: does another npm start begin again and again?`)
    if (by === undefined) await pause(WRITTEN_WITHIN_MS)
    if (by !== undefined || attempt > 1) await rm(path, { force: true })
  }
}

export async function release(dir: string, own: Running): Promise<void> {
  const path = pathIn(dir)
  if ((await readRunning(path))?.pid === own.pid) await rm(path, { force: true })
}

/** With those above it. Node's own way of that says ENOENT of a disk that can only be read. */
async function makeDirectory(path: string): Promise<void> {
  try {
    await mkdir(path)
  } catch (error) {
    if (isErrno(error, 'EEXIST')) return
    if (!isErrno(error, 'ENOENT') || dirname(path) === path) throw error
    await makeDirectory(dirname(path))
    await mkdir(path)
  }
}

/** A file that could not be written whole is not there. Throws EEXIST where there is one already. */
async function writeNew(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600)
  try {
    await file.writeFile(text)
  } catch (error) {
    await rm(path, { force: true })
    throw error
  } finally {
    await file.close()
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function pathIn(dir: string): string {
  return join(dir, 'state', 'running.json')
}

async function readRunning(path: string): Promise<Running | undefined> {
  try {
    return RunningSchema.parse(JSON.parse(await readFile(path, 'utf8')))
  } catch {
    return undefined
  }
}

/** Whether a process is a demo: its number may have gone to another program since. */
async function isDemo(pid: number): Promise<boolean> {
  if (pid === process.pid) return false
  try {
    process.kill(pid, 0)
  } catch (error) {
    if (!isErrno(error, 'EPERM')) return false
  }
  if (process.platform !== 'linux') return true
  const command = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  return /demo\.ts|start\.mjs/.test(command)
}
