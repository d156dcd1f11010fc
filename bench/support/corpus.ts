import { execFileSync } from 'node:child_process'
import { cp, mkdir, readdir, readFile, lstat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { REPOSITORY } from '../../tests/support/processes.ts'
import { MARKER } from '../../tests/support/tree.ts'

const LARGEST_BYTES = 512 * 1024

export interface Corpus {
  readonly files: number
  readonly bytes: number
  /** Where the files are from, for the report. */
  readonly origin: string
}

/**
 * Fills a directory with real source files: what the project's dependencies
 * consist of, and npm's own. Files above 512 KiB (binaries, bundles) are left
 * out: the big file is a case of its own. Where that is not enough, files are
 * taken again with their path as a first line, so that none is another's twin.
 */
export async function gatherCorpus(to: string, wanted: number): Promise<Corpus> {
  const sources = [join(REPOSITORY, 'node_modules'), ...globalModules()]
  let [files, bytes, again] = [0, 0, 0]
  for (let round = 0; files < wanted && round < 20; round++) {
    for (const [index, source] of sources.entries()) {
      for await (const path of filesBelow(source)) {
        if (files >= wanted) break
        const target = join(to, `${round}-${index}`, path)
        await mkdir(dirname(target), { recursive: true })
        if (round === 0) await cp(join(source, path), target, { preserveTimestamps: true })
        else
          await writeFile(
            target,
            Buffer.concat([Buffer.from(`${round} ${path}\n`), await readFile(join(source, path))]),
          )
        if (round > 0) again++
        files++
        bytes += (await lstat(target)).size
      }
    }
  }
  const repeated = again === 0 ? '' : `, ${again} of them a second time with a first line added`
  return { files, bytes, origin: `files of node_modules and of npm${repeated}` }
}

/**
 * Says, as often as it is asked, whether a copy of `source` holds all its
 * names. It stops at the first directory that is not complete and never looks
 * at a complete one again: asking takes next to no time from those who copy.
 */
export async function completionOf(source: string): Promise<(copy: string) => Promise<boolean>> {
  const waiting: { directory: string; entries: number }[] = []
  const unread = ['']
  for (let directory = unread.pop(); directory !== undefined; directory = unread.pop()) {
    const entries = await readdir(join(source, directory), { withFileTypes: true })
    waiting.push({ directory, entries: entries.length })
    for (const entry of entries) if (entry.isDirectory()) unread.push(join(directory, entry.name))
  }
  return async (copy) => {
    for (let last = waiting.at(-1); last !== undefined; last = waiting.at(-1)) {
      const names = await readdir(join(copy, last.directory)).catch(() => [])
      if (names.filter((name) => name !== MARKER).length < last.entries) return false
      waiting.pop()
    }
    return true
  }
}

function globalModules(): string[] {
  try {
    return [execFileSync('npm', ['root', '--global'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()]
  } catch {
    return []
  }
}

async function* filesBelow(root: string, prefix = ''): AsyncGenerator<string> {
  const entries = await readdir(join(root, prefix), { withFileTypes: true }).catch(() => [])
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = join(prefix, entry.name)
    if (entry.isDirectory()) yield* filesBelow(root, path)
    else if (entry.isFile() && (await lstat(join(root, path))).size <= LARGEST_BYTES) yield path
  }
}
