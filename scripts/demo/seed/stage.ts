import { createHash } from 'node:crypto'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import type { Client } from '@causeway/client'
import { isSyncError, type VersionView } from '@causeway/protocol'
import type { DemoNode } from '../fleet.ts'

/** The running demo, as the seeding works on it: on the directories of its nodes, as a person would. */
export interface Stage {
  readonly nodes: readonly DemoNode[]
  readonly client: Client
  readonly folder: string
  /** A directory beside those of the nodes, in the same file system. */
  readonly aside: string
  readonly signal: AbortSignal
}

const LOOK_EVERY_MS = 100
const REACHES_WITHIN_MS = 60_000

/** A step found a file that it had not left so: a person has been there, and everything stays as it is. */
export class PersonWasHere extends Error {}

/** The node whose turn it is. */
export function nodeOf({ nodes }: Stage, turn: number): DemoNode {
  const node = nodes[turn % nodes.length]
  if (node === undefined) throw new Error('the demo has no node')
  return node
}

/** Makes a new file. Throws `PersonWasHere` where there is one. */
export async function create(stage: Stage, turn: number, path: string, text: string): Promise<void> {
  const file = join(nodeOf(stage, turn).dir, path)
  await mkdir(dirname(file), { recursive: true })
  try {
    await writeFile(file, text, { flag: 'wx' })
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') throw new PersonWasHere(path, { cause })
    throw cause
  }
  await everywhere(stage, path, text)
}

export interface Edit {
  readonly path: string
  readonly before: string
  readonly after: string
}

/** Saves a file anew. Throws `PersonWasHere` unless it reads `before`. */
export async function edit(stage: Stage, turn: number, { path, before, after }: Edit): Promise<void> {
  await writeFile(await stillReads(stage, turn, path, before), after)
  await everywhere(stage, path, after)
}

/** The path on a node's disk of a file that still reads so; else throws `PersonWasHere`. */
export async function stillReads(stage: Stage, turn: number, path: string, text: string): Promise<string> {
  const file = join(nodeOf(stage, turn).dir, path)
  if ((await readFile(file, 'utf8').catch(() => '')) !== text) throw new PersonWasHere(path)
  return file
}

/** Waits until every node that is there holds this content; returns its version. */
function everywhere(stage: Stage, path: string, content: string | Uint8Array): Promise<VersionView> {
  const hash = createHash('sha256').update(content).digest('hex')
  return reached(stage, path, ({ deleted, content: now }) => !deleted && now.kind === 'file' && now.hash === hash)
}

/** Waits until the newest version of a path is as wanted and every node that is there has it on its disk. */
export async function reached(
  stage: Stage,
  path: string,
  isWanted: (version: VersionView) => boolean,
): Promise<VersionView> {
  const until = performance.now() + REACHES_WITHIN_MS
  while (performance.now() < until) {
    const version = await newest(stage, path)
    if (version !== undefined && isWanted(version) && (await allHave(stage, version.seq))) return version
    await pause(LOOK_EVERY_MS, undefined, { signal: stage.signal })
  }
  throw new Error(`${path} did not reach every node in time`)
}

async function newest({ client, folder }: Stage, path: string): Promise<VersionView | undefined> {
  try {
    return (await client.history(folder, { path }, { limit: 1 })).versions[0]
  } catch (error) {
    if (isSyncError(error, 'not-found') || isSyncError(error, 'offline')) return undefined
    throw error
  }
}

/** A node that is away or paused is not waited for. */
async function allHave({ client, folder }: Stage, seq: number): Promise<boolean> {
  const nodes = await client.nodes().catch(() => [])
  const members = nodes.flatMap(({ online, folders }) => (online ? folders : []))
  const present = members.filter((member) => member.folder === folder && !member.paused)
  return present.length > 0 && present.every(({ applied }) => applied >= seq)
}
