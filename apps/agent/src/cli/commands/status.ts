import type { Command } from 'commander'
import { isSyncError, type FolderId } from '@causeway/protocol'
import { sleep } from '../../link/backoff.ts'
import type { FolderStatus } from '../../runner/folder-status.ts'
import { askControl } from '../../state/control.ts'
import { stateOption, stateRoot } from '../../state/locations.ts'
import { readEnrolment } from '../../state/state-directory.ts'
import { formerLines, offerLines } from '../assignment-lines.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { STATE_OPTION } from '../options.ts'
import { plural } from '../format.ts'
import type { Run } from '../run.ts'
import type { RunningStatus } from '../run-node.ts'
import { proofLines } from '../proof-lines.ts'
import { describe, reasonsOf } from '../status-line.ts'
import type { Terminal } from '../terminal.ts'

interface StatusOptions {
  readonly state?: string
  readonly json?: boolean
}

export function addStatusCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('status')
    .description('show the state of a running node: position in the log, pending changes, problems')
    .option(...STATE_OPTION)
    .option('--json', 'as JSON')
    .addHelpText(
      'after',
      '\nExits with 1 if no node is running with this state directory, and with 4 if something needs attention.',
    )
    .action((options: StatusOptions) => run(() => status(options)))

  async function status(options: StatusOptions): Promise<ExitCode> {
    const root = stateRoot(options.state, terminal.env)
    const { record, locations } = await readEnrolment(root)
    try {
      // Both ends are this program: the answer has the form that was sent.
      const running = (await askControl(locations.control, { kind: 'status' })) as RunningStatus
      const conflicts = running.coordinator.connected ? await openConflicts(root) : new Map<FolderId, number>()
      const folders = running.folders.map((folder) => {
        return { ...folder, openConflicts: conflicts.get(folder.folder) ?? null }
      })
      if (options.json === true) terminal.printJson({ running: true, ...running, folders })
      else print({ ...running, folders }, stateOption(root, terminal.env))
      return folders.some(needsPerson) ? EXIT.person : EXIT.ok
    } catch (error) {
      if (!isSyncError(error, 'not-found')) throw error
      const { node, name, coordinator, folders } = record
      const known = { running: false, node, name, coordinator: { ...coordinator, connected: false }, folders: [] }
      if (options.json === true) terminal.printJson({ ...known, bindings: folders })
      else terminal.print(`${name} is not running: start it with "causeway up${stateOption(root, terminal.env)}"`)
      return EXIT.failed
    }
  }

  function print(running: RunningStatus & { readonly folders: readonly KnownFolder[] }, state: string): void {
    const { name, coordinator, folders, offers, former } = running
    terminal.print(`${name}, ${coordinator.connected ? 'connected to' : 'disconnected from'} ${coordinator.url}`)
    for (const folder of folders) {
      terminal.print(`  ${describe(folder)}`)
      terminal.print(`    ${folder.directory}, ${folder.access}, at change ${folder.cursor}`)
      for (const line of proofLines(folder, terminal.wallNow())) terminal.print(`    ${line}`)
      for (const reason of whatWaits(folder, state)) terminal.print(`    ${reason}`)
    }
    for (const line of offerLines(offers, state)) terminal.print(`  ${line}`)
    for (const line of formerLines(former, terminal.wallNow())) terminal.print(`  ${line}`)
  }
}

/** A folder as the node knows it, and how many conflicts the coordinator holds open; null where it can't be asked. */
type KnownFolder = FolderStatus & { readonly openConflicts: number | null }

function needsPerson({ state, waitsForPerson, openConflicts }: KnownFolder): boolean {
  return state === 'halted' || waitsForPerson > 0 || (openConflicts ?? 0) > 0
}

/** What keeps a folder from being in sync; of conflicts, those that are open now, where that is known. */
function whatWaits(folder: KnownFolder, state: string): readonly string[] {
  const { openConflicts } = folder
  if (openConflicts === null) return reasonsOf(folder, state)
  const reasons = reasonsOf({ ...folder, conflicts: 0 }, state)
  if (openConflicts === 0) return reasons
  return [...reasons, `! ${plural(openConflicts, 'open conflict')}: see "causeway conflicts${state}"`]
}

/** A status is told at once, with or without this. */
const MOST_WAIT_MS = 3_000

async function openConflicts(root: string): Promise<ReadonlyMap<FolderId, number>> {
  const { asNode } = await import('../as-node.ts')
  const asked = asNode(root, async (client, { folders }) => {
    const views = await Promise.all(folders.map(({ folder }) => client.folder(folder)))
    return new Map(views.map((view) => [view.id, view.openConflicts]))
  })
  const unknown = new Map<FolderId, number>()
  const late = new AbortController()
  try {
    return await Promise.race([asked, sleep(MOST_WAIT_MS, late.signal).then(() => unknown)])
  } catch (error) {
    if (!isSyncError(error)) throw error
    return unknown
  } finally {
    late.abort(new Error('answered'))
  }
}
