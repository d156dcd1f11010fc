import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { writeRandomFile } from '../../../tests/support/random.ts'
import { cutTree, type TreeStep } from './cut-tree.ts'
import { generatedFiles, generatedVersions } from './generated.ts'
import { isThere, packageTar } from './npm-pack.ts'
import { TAR_PACKAGES, TREE_ENTRIES, TREE_FILE_BYTES, TREE_PACKAGES } from './packages.ts'
import { readTar, type TarFile } from './read-tar.ts'

/** The same data for every tool, kept between runs. */
export interface Corpus {
  /** A directory of small source files. */
  readonly tree: string
  readonly treeEntries: number
  readonly treeBytes: number
  /** A file that does not compress. */
  readonly random: string
  readonly randomBytes: number
  /** Two versions of one file. */
  readonly tars: readonly [string, string]
  /** For people: what the data is. */
  readonly origin: readonly string[]
}

export interface CorpusOptions {
  readonly cache: string
  /** Small and generated: needs no network. */
  readonly quick: boolean
}

/** Makes what is missing in the cache. Where packages cannot be had, data is generated, and `origin` says so. */
export async function openCorpus({ cache, quick }: CorpusOptions): Promise<Corpus> {
  await mkdir(cache, { recursive: true })
  const tree = await openTree(cache, quick)
  const tars = await openTars(cache, quick)
  const randomBytes = (quick ? 8 : 512) * 2 ** 20
  const random = join(cache, `random-${randomBytes}.bin`)
  await made(random, (draft) => writeRandomFile(draft, randomBytes, 1))
  return {
    ...tree.figures,
    tree: tree.path,
    random,
    randomBytes,
    tars: tars.paths,
    origin: [tree.origin, `large file: ${randomBytes / 2 ** 20} MiB of seeded random bytes`, tars.origin],
  }
}

async function openTree(cache: string, quick: boolean) {
  const path = join(cache, quick ? 'tree-quick' : 'tree')
  const record = `${path}.json`
  if (!(await isThere(record))) {
    const { files, origin } = quick
      ? { files: generatedFiles(3), origin: 'generated text' }
      : await packagedFiles(cache)
    const steps = cutTree(files, quick ? 300 : TREE_ENTRIES)
    await rm(path, { recursive: true, force: true })
    await made(path, (draft) => writeTree(draft, steps))
    await writeFile(record, JSON.stringify({ origin, ...figuresOf(steps) }))
  }
  const { origin, treeEntries, treeBytes, digest } = JSON.parse(await readFile(record, 'utf8'))
  const size = `${treeEntries.toLocaleString('en')} files and directories, ${(treeBytes / 1e6).toFixed(1)} MB`
  return {
    path,
    figures: { treeEntries: Number(treeEntries), treeBytes: Number(treeBytes) },
    origin: `tree: ${size} (${origin}; SHA-256 of paths and bytes ${String(digest).slice(0, 16)}…)`,
  }
}

async function packagedFiles(cache: string): Promise<{ files: Iterable<TarFile>; origin: string }> {
  const files: TarFile[] = []
  for (const spec of TREE_PACKAGES) {
    const tar = await packageTar(cache, spec)
    if (tar === undefined) return { files: generatedFiles(3), origin: `GENERATED text, as ${spec} could not be had` }
    for (const { path, bytes } of readTar(await readFile(tar))) {
      if (bytes.length <= TREE_FILE_BYTES) files.push({ path: `${spec.replaceAll('/', '-')}/${path}`, bytes })
    }
  }
  const last = TREE_PACKAGES.length - 1
  const names = TREE_PACKAGES.map((spec, index) => (index === last ? `the first files of ${spec}` : spec))
  return { files, origin: `${names.join(', ')}, without files over ${TREE_FILE_BYTES / 1024} KiB` }
}

async function openTars(cache: string, quick: boolean): Promise<{ paths: [string, string]; origin: string }> {
  const [before, after] = quick
    ? [undefined, undefined]
    : await Promise.all(TAR_PACKAGES.map((spec) => packageTar(cache, spec)))
  if (before !== undefined && after !== undefined) {
    const sizes = await Promise.all([before, after].map(async (path) => ((await stat(path)).size / 1e6).toFixed(1)))
    return {
      paths: [before, after],
      origin: `versions: the tars of ${TAR_PACKAGES.join(' and ')}, ${sizes.join(' and ')} MB`,
    }
  }
  const bytes = (quick ? 2 : 23) * 1e6
  const paths: [string, string] = [join(cache, `versions-${bytes}-1`), join(cache, `versions-${bytes}-2`)]
  const [first, second] = generatedVersions(bytes)
  await made(paths[0], (draft) => writeFile(draft, first))
  await made(paths[1], (draft) => writeFile(draft, second))
  const why = quick ? 'generated' : 'GENERATED, as the packages could not be had'
  return { paths, origin: `versions: two of a text of ${bytes / 1e6} MB (${why})` }
}

async function writeTree(to: string, steps: readonly TreeStep[]): Promise<void> {
  await mkdir(to)
  for (const step of steps) {
    if (step.kind === 'directory') await mkdir(join(to, step.path))
    else await writeFile(join(to, step.path), step.bytes)
  }
}

function figuresOf(steps: readonly TreeStep[]): { treeEntries: number; treeBytes: number; digest: string } {
  const digest = createHash('sha256')
  let treeBytes = 0
  for (const step of steps) {
    digest.update(`${step.kind} ${step.path}\n`)
    if (step.kind === 'directory') continue
    digest.update(step.bytes)
    treeBytes += step.bytes.length
  }
  return { treeEntries: steps.length, treeBytes, digest: digest.digest('hex') }
}

/** Whole or not at all. */
async function made(path: string, write: (draft: string) => Promise<void>): Promise<void> {
  if (await isThere(path)) return
  const draft = `${path}.draft-${process.pid}`
  await rm(draft, { recursive: true, force: true })
  await write(draft)
  await rename(draft, path)
}
