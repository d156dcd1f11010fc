import { isSyncError, onlyChunkOf, type EntryState } from '@causeway/protocol'
import { MemoryFolder, type UserSide } from '@causeway/testkit'
import { Faults, NO_FAULTS } from './faults.ts'
import { Random } from './random.ts'
import { SimulatedNode } from './simulated-node.ts'
import { textOf, treeOf } from './simulated-user.ts'

/** What a person does to a disk; numbers pick among the paths there are. */
export type DiskAct =
  | { readonly kind: 'write'; readonly path: number; readonly text: string }
  | { readonly kind: 'add'; readonly into: number; readonly name: string; readonly text: string | null }
  | { readonly kind: 'link'; readonly into: number; readonly name: string; readonly text: string }
  | { readonly kind: 'chmod'; readonly path: number; readonly mode: number }
  | { readonly kind: 'touch'; readonly path: number }
  | { readonly kind: 'move'; readonly path: number; readonly into: number; readonly name: string }
  | { readonly kind: 'remove'; readonly path: number }
  | { readonly kind: 'replace'; readonly path: number; readonly text: string }

/** How the nodes' changes reach the coordinator. */
export interface Arrival {
  /** The nodes in the order in which they send. */
  readonly order: readonly number[]
  /** `hears`: each reads the log before it sends. `deaf`: it sends before it hears. `lost`: so, and the answer is lost. */
  readonly how: 'hears' | 'deaf' | 'lost'
}

export interface ArrivalResult {
  readonly live: readonly EntryState[]
  /** True if two moved one entry, or into each other: one of them wins. */
  readonly hasRivalPlaces: boolean
  /** Where a node's disk is not as the coordinator has it. */
  readonly differences: readonly string[]
  readonly trace: string
}

const NAMES = ['atlas', 'birch', 'cedar']
const MOST_ROUNDS = 30

/** Runs the same acts, made on disks that agreed, in one way to arrive; then until all is at rest. */
export async function arrive(acts: readonly (readonly DiskAct[])[], { order, how }: Arrival): Promise<ArrivalResult> {
  let nowMs = 1_700_000_000_000
  const now = (): number => (nowMs += 1)
  const folder = new MemoryFolder(() => new Date(nowMs).toISOString())
  const faults = new Faults(new Random(1), () => undefined)
  const log: string[] = []
  const nodes = acts.map((_, index) => new SimulatedNode(NAMES[index] ?? 'delta', folder, faults, { now, log }))
  try {
    plant(nodes[0]?.disk.user)
    nowMs += 5000
    await settle(nodes, (ms) => (nowMs += ms))
    const { length: before } = folder.events
    acts.forEach((own, index) => {
      const user = nodes[index]?.disk.user
      if (user !== undefined) for (const act of own) perform(user, act)
    })
    nowMs += 5000
    log.push('-- changes')
    for (const index of order) {
      const node = nodes[index]
      if (node === undefined) continue
      log.push(`${node.id} sends`)
      // A delete is sent once nothing more has vanished for a while.
      for (let look = 0; look < 3; look++, nowMs += 400) await send(node, faults, how)
    }
    log.push('-- peace')
    const rests = await settle(nodes, (ms) => (nowMs += ms))
    const events = folder.events.slice(before)
    return {
      live: [...folder.paths().values()],
      hasRivalPlaces: events.some(({ decision }) => decision === 'overtook' || decision === 'refused'),
      differences: [...(rests ? [] : ['no rest']), ...nodes.flatMap((node) => differencesOf(node, folder))],
      trace: log.slice(log.indexOf('-- changes')).join('\n'),
    }
  } finally {
    for (const node of nodes) node.close()
  }
}

async function send(node: SimulatedNode, faults: Faults, how: Arrival['how']): Promise<void> {
  if (how === 'lost') faults.rates = { ...NO_FAULTS, lostAnswer: 1 }
  try {
    await node.cycle(how === 'hears')
  } catch (error) {
    if (!isSyncError(error, 'offline')) throw error
  } finally {
    faults.rates = NO_FAULTS
  }
}

async function settle(nodes: readonly SimulatedNode[], pass: (ms: number) => void): Promise<boolean> {
  for (let round = 0; round < MOST_ROUNDS; round++) {
    pass(1000)
    let busy = false
    for (const node of nodes) {
      const report = await node.cycle()
      if (report.halted !== null) node.approve()
      busy ||= report.changedAnything || report.pendingDown > 0 || report.halted !== null || report.rescan.length > 0
    }
    if (!busy) return true
  }
  return false
}

function plant(user: UserSide | undefined): void {
  for (const path of ['d/s/y', 'd/x', 'f', 'e/z']) user?.write(path, `old ${path}`)
  user?.mkdir('d/empty')
  user?.symlink('link', 'd/x')
}

function perform(user: UserSide, act: DiskAct): void {
  const { files, directories, links } = pathsOf(user)
  const all = [...files, ...directories, ...links].sort()
  const at = (pick: number): string | undefined => all[pick % Math.max(all.length, 1)]
  const into = (pick: number): string => ['', ...directories][pick % (directories.length + 1)] ?? ''
  if (act.kind === 'add') {
    const path = join(into(act.into), act.name)
    if (all.includes(path)) return
    if (act.text === null) user.mkdir(path)
    else user.write(path, act.text)
    return
  }
  if (act.kind === 'link') {
    const path = join(into(act.into), act.name)
    // One that is there already leads elsewhere from now on.
    if (links.includes(path)) user.remove(path)
    else if (all.includes(path)) return
    return user.symlink(path, act.text)
  }
  const path = at(act.path)
  if (path === undefined) return
  switch (act.kind) {
    case 'write':
      if (files.includes(path)) user.write(path, act.text)
      if (links.includes(path)) {
        user.remove(path)
        user.symlink(path, act.text)
      }
      return
    case 'chmod':
      if (!links.includes(path)) user.chmod(path, act.mode)
      return
    case 'touch':
      if (files.includes(path)) user.setMtime(path, 1_800_000_000_000_000_000n)
      return
    case 'remove':
      return user.remove(path)
    case 'replace': {
      user.remove(path)
      return files.includes(path) ? user.mkdir(path) : user.write(path, act.text)
    }
    case 'move': {
      const target = join(into(act.into), act.name)
      if (!all.includes(target) && !target.startsWith(`${path}/`)) user.rename(path, target)
    }
  }
}

interface Paths {
  readonly files: readonly string[]
  readonly directories: readonly string[]
  readonly links: readonly string[]
}

function pathsOf(user: UserSide): Paths {
  const { files, directories: others } = treeOf(user)
  const links = others.filter((path) => user.linkTarget(path) !== undefined)
  return { files, directories: others.filter((path) => !links.includes(path)), links }
}

function differencesOf(node: SimulatedNode, folder: MemoryFolder): readonly string[] {
  const { user } = node.disk
  const { files, directories, links } = pathsOf(user)
  const has = new Map([
    ...links.map((path) => [path, `-> ${user.linkTarget(path)}`] as const),
    ...files.map((path) => [path, textOf(user, path)] as const),
    ...directories.map((path) => [path, '/'] as const),
  ])
  const wanted = new Map(
    [...folder.paths()].map(([path, { content }]) => {
      if (content.kind === 'symlink') return [path, `-> ${content.target}`] as const
      const bytes =
        content.kind === 'file' ? (folder.chunks.get(onlyChunkOf(content.hash)) ?? new Uint8Array()) : undefined
      return [path, bytes === undefined ? '/' : new TextDecoder().decode(bytes)] as const
    }),
  )
  return [...new Set([...has.keys(), ...wanted.keys()])].flatMap((path) => {
    const [want, have] = [wanted.get(path), has.get(path)]
    return want === have ? [] : [`${node.id} ${path}: has ${have}, the coordinator ${want} (${node.explain(path)})`]
  })
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}
