import type { Command } from 'commander'
import { isSyncError } from '@causeway/protocol'
import type { Binding } from '../../state/node-record.ts'
import { stateRoot } from '../../state/locations.ts'
import { EXIT, type ExitCode } from '../exit-codes.ts'
import { bytes, plural, table } from '../format.ts'
import { printable } from '../printing.ts'
import { STATE_OPTION } from '../options.ts'
import type { Run } from '../run.ts'
import type { Terminal } from '../terminal.ts'

interface BasesOptions {
  readonly state?: string
  readonly purge?: boolean
  readonly json?: boolean
}

interface FolderUse {
  readonly folder: string
  readonly directory: string
  readonly files: number
  readonly bytes: number
  /** Why nothing can be said of it; null if all is well. */
  readonly problem: string | null
}

export function addBasesCommand(program: Command, terminal: Terminal, run: Run): void {
  program
    .command('bases')
    .description(
      'show how much space copies of earlier contents take on this disk (they keep edits cheap to send), or remove them',
    )
    .option(...STATE_OPTION)
    .option('--purge', 'remove them all; the node creates new ones as files are saved')
    .option('--json', 'as JSON')
    .addHelpText('after', '\n"causeway up --base-cache SIZE" limits how much space they may take; 0 keeps none.')
    .action((options: BasesOptions) => run(() => bases(options)))

  async function bases(options: BasesOptions): Promise<ExitCode> {
    const [{ readEnrolment }, { DEFAULT_BASE_CACHE_BYTES }] = await Promise.all([
      import('../../state/state-directory.ts'),
      import('../../transfer/bases/base-cache.ts'),
    ])
    const { record } = await readEnrolment(stateRoot(options.state, terminal.env))
    const budget = record.baseCacheBytes ?? DEFAULT_BASE_CACHE_BYTES
    const purge = options.purge === true
    const folders: FolderUse[] = []
    for (const binding of record.folders) folders.push(await useOf(binding, purge))
    if (options.json === true) terminal.printJson({ budget, purged: purge, folders })
    else for (const line of lines(folders, budget, purge)) terminal.print(line)
    return folders.some(({ problem }) => problem !== null) ? EXIT.failed : EXIT.ok
  }
}

/** What a folder's copies take; with `purge`, what they took. */
async function useOf({ name, directory, folder, nonce }: Binding, purge: boolean): Promise<FolderUse> {
  const { openDiskFiles } = await import('@causeway/replica')
  try {
    const files = await openDiskFiles({ root: directory, folder, markerNonce: nonce })
    try {
      const kept = await files.bases.list()
      if (purge) for (const { content } of kept) await files.bases.remove(content)
      const total = kept.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
      return { folder: name, directory, files: kept.length, bytes: total, problem: null }
    } finally {
      files.release()
    }
  } catch (error) {
    if (!isSyncError(error)) throw error
    return { folder: name, directory, files: 0, bytes: 0, problem: error.message }
  }
}

function lines(folders: readonly FolderUse[], budgetBytes: number, purged: boolean): string[] {
  const rows = folders.map((use) => [
    printable(use.folder),
    String(use.files),
    bytes(use.bytes),
    printable(use.problem ?? use.directory),
  ])
  const total = folders.reduce((sum, use) => sum + use.bytes, 0)
  const files = folders.reduce((sum, use) => sum + use.files, 0)
  const what = `${plural(files, 'file')}, ${bytes(total)}`
  return [
    ...table([['FOLDER', 'FILES', 'SIZE', 'DIRECTORY'], ...rows]),
    purged ? `removed ${what}` : `${what} of ${budgetBytes === 0 ? 'nothing: none are kept' : bytes(budgetBytes)}`,
  ]
}
