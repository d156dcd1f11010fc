import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Lifetime } from '../../tests/support/lifetime.ts'
import { killWithTheRest } from '../../tests/support/processes.ts'
import { describeMachine } from '../support/machine.ts'
import type { PeersOptions } from './args.ts'
import { SAVES, withNeeds } from './cases/all.ts'
import { timeSaves, warmSaves } from './cases/saves.ts'
import { openCorpus, type Corpus } from './data/corpus.ts'
import { CALM, carryOut, clearStage, failed, HASTY_CALM, measure, type Measured } from './measure.ts'
import { createLoopback } from './network/loopback.ts'
import { createNamespaces } from './network/namespaces.ts'
import type { Network } from './network/network.ts'
import type { PeersRun, RawRow } from './result.ts'
import { RootComparer } from './same-roots.ts'
import { TOOLS } from './tools/all.ts'
import type { Tool, ToolName } from './tools/tool.ts'

/** What people wait for who leave Syncthing as it comes. */
const DEFAULT_DELAY_SECONDS = 10

/** Runs the chosen cases by the chosen tools. `tell` gets a line for each figure as it comes. */
export async function runPeers(options: PeersOptions, tell: (line: string) => void): Promise<PeersRun> {
  const corpus = await openCorpus({
    cache: options.cache ?? join(tmpdir(), 'causeway-bench-data'),
    quick: options.quick,
  })
  const scratch = await mkdtemp(join(options.scratch ?? tmpdir(), 'causeway-bench-peers-'))
  killWithTheRest(() => rmSync(scratch, { recursive: true, force: true }))
  const rows: RawRow[] = []
  const tools: Partial<Record<ToolName, string>> = {}
  const missing = new Set<string>()
  let network = ''
  try {
    for (let round = 1; round <= options.repeat; round++) {
      const found = await runRound(options, { round, corpus, scratch: join(scratch, `round-${round}`), tell })
      rows.push(...found.rows)
      Object.assign(tools, found.labels)
      for (const why of found.missing) missing.add(why)
      network = found.network
    }
  } finally {
    // Only now: removing thousands of files makes the disk slow for whoever makes new ones.
    await rm(scratch, { recursive: true, force: true, maxRetries: 5 })
  }
  const { quick, repeat, link } = options
  const shaped = link !== undefined
  const about = { machine: describeMachine(), network, quick, shaped, rounds: repeat }
  return { ...about, tools, missing: [...missing], data: corpus.origin, rows }
}

interface Round {
  readonly round: number
  readonly corpus: Corpus
  readonly scratch: string
  readonly tell: (line: string) => void
}

async function runRound(options: PeersOptions, about: Round) {
  const { round, corpus, scratch, tell } = about
  const life = new Lifetime()
  const rows: RawRow[] = []
  const labels: Partial<Record<ToolName, string>> = {}
  const missing: string[] = []
  const broken = new Set<ToolName>()
  const note = (row: RawRow): void => {
    rows.push(row)
    tell(lineOf(row))
  }
  try {
    const network = makeNetwork(options, missing)
    life.add(() => network.close())
    const tools: Tool[] = []
    for (const name of options.tools) {
      const own = join(scratch, name)
      await mkdir(own, { recursive: true })
      const tool = await TOOLS[name]({ life, network, scratch: own })
      if (tool === undefined) {
        missing.push(`${name}: it is not installed here`)
        continue
      }
      labels[name] = tool.label
      try {
        await tool.start()
        tools.push(tool)
      } catch (error) {
        missing.push(`${name}: it did not start: ${String(error)}`)
      }
    }
    const comparer = new RootComparer()
    const calm = options.quick ? HASTY_CALM : CALM
    const timeoutMs = options.quick ? 60_000 : 900_000
    const attempt = async (tool: Tool, name: string, work: () => Promise<Measured>): Promise<void> => {
      if (broken.has(tool.name)) return
      try {
        note(await measure({ tool, network, comparer, calm }, { round, case: name }, work))
      } catch (error) {
        note(failed({ round, case: name, tool: tool.name }, error))
        if (!(await isWhole(tool, comparer))) broken.add(tool.name)
      }
    }
    for (const one of withNeeds(options.cases)) {
      for (const tool of tools.filter(({ name }) => one.tools?.includes(name) ?? true)) {
        if (broken.has(tool.name)) continue
        const stage = join(scratch, tool.name, 'stage')
        await clearStage(stage)
        const carry = await carryOut(tool, one, {
          stage: { corpus, rootA: tool.rootA, stage, quick: options.quick },
          timeoutMs,
        })
        await attempt(tool, one.name, carry)
      }
    }
    if (options.cases.includes(SAVES)) for (const tool of tools) await saves(tool, options.quick, attempt)
    return { rows, labels, missing, network: network.description }
  } finally {
    await life.end()
  }
}

async function saves(
  tool: Tool,
  quick: boolean,
  attempt: (tool: Tool, name: string, work: () => Promise<Measured>) => Promise<void>,
): Promise<void> {
  const timed = async (count: number, seed: number): Promise<Measured> => {
    const started = performance.now()
    const latenciesMs = await timeSaves(tool, count, seed)
    return { seconds: (performance.now() - started) / 1000, latenciesMs, notes: [] }
  }
  const isDaemon = tool.carry === undefined
  await warmSaves(tool).catch(() => undefined)
  await attempt(tool, SAVES, () => timed(quick ? 6 : isDaemon ? 40 : 20, 5))
  if (tool.setDelay === undefined || quick) return
  await tool.setDelay(DEFAULT_DELAY_SECONDS)
  await attempt(tool, `${SAVES}-default`, () => timed(6, 6))
}

function makeNetwork(options: PeersOptions, missing: string[]): Network {
  const shape = options.link === undefined ? undefined : { link: options.link, both: options.bothLinks }
  if (options.loopback) return createLoopback(shape)
  try {
    return createNamespaces(shape)
  } catch (error) {
    missing.push(`the system's own counters, as network namespaces are not allowed: ${String(error)}`)
    return createLoopback(shape)
  }
}

/** After a failure: whether the pair came together nevertheless, so that the next case has something to start from. */
async function isWhole(tool: Tool, comparer: RootComparer): Promise<boolean> {
  try {
    await tool.settle()
    return (await comparer.differences(tool.rootA, tool.rootB)).length === 0
  } catch {
    return false
  }
}

function lineOf(row: RawRow): string {
  const head = `round ${row.round}, ${row.case}, ${row.tool}`
  if (row.failure !== undefined) return `${head}: FAILED: ${row.failure}`
  const { a = 0, b = 0, c = 0 } = row.wireBytes ?? {}
  const cpu = Object.entries(row.cpuSeconds).map(([name, seconds]) => `${name} ${seconds} s`)
  const memory = Object.entries(row.peakMemoryBytes).map(([name, bytes]) => `${name} ${Math.round(bytes / 1e6)} MB`)
  const saved = row.latenciesMs?.map((one) => one.toFixed(0)).join(' ')
  return [
    `${head}: ${row.seconds?.toFixed(3)} s, bytes A ${a} B ${b} C ${c}, idle ${row.idleBytesPerSecond} B/s`,
    ...(cpu.length > 0 ? [`    cpu: ${cpu.join(', ')}; peak: ${memory.join(', ')}`] : []),
    ...(saved === undefined ? [] : [`    ms: ${saved}`]),
    ...row.notes.map((text) => `    ${text}`),
  ].join('\n')
}
