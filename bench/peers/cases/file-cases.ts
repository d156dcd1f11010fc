import { copyFile, open, rename, stat } from 'node:fs/promises'
import { createReadStream, createWriteStream } from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { Random } from '../../../tests/support/random.ts'
import { isThere } from '../data/npm-pack.ts'
import type { Change, PeerCase, Stage } from './peer-case.ts'

const LARGE = 'work/random.bin'
const COPY = 'work/copy.bin'
const MOVED = 'archive/copy.bin'
const VERSIONS = 'work/versions.tar'
const OVERWRITTEN_BYTES = 4096
const APPENDED_BYTES = 2 ** 20

export const firstFile: PeerCase = {
  name: 'file',
  title: 'first copy of a large random file',
  needs: [],
  prepare: (stage) => placing(stage, stage.corpus.random, LARGE),
}

export const overwrite: PeerCase = {
  name: 'overwrite',
  title: 'overwrite 4 KiB (random) inside it',
  needs: ['file'],
  async prepare({ corpus, rootA }) {
    const bytes = new Random(21).bytes(OVERWRITTEN_BYTES)
    const at = Math.floor(corpus.randomBytes * 0.37) + 123
    return edited(rootA, LARGE, async () => {
      const file = await open(join(rootA, LARGE), 'r+')
      await file.write(bytes, 0, bytes.length, at)
      await file.close()
    })
  },
}

export const insert: PeerCase = {
  name: 'insert',
  title: 'insert 1 byte at its front',
  needs: ['file'],
  async prepare({ rootA, stage }) {
    const draft = join(stage, 'inserted')
    const from = createReadStream(join(rootA, LARGE), { highWaterMark: 4 << 20 })
    async function* shifted(): AsyncGenerator<Buffer> {
      yield Buffer.from('!')
      yield* from
    }
    await pipeline(shifted, createWriteStream(draft))
    return edited(rootA, LARGE, () => rename(draft, join(rootA, LARGE)))
  },
}

export const append: PeerCase = {
  name: 'append',
  title: 'append 1 MiB (random) to it',
  needs: ['file'],
  async prepare({ rootA }) {
    const bytes = new Random(22).bytes(APPENDED_BYTES)
    return edited(rootA, LARGE, async () => {
      const file = await open(join(rootA, LARGE), 'a')
      await file.write(bytes)
      await file.close()
    })
  },
}

export const firstVersion: PeerCase = {
  name: 'first-version',
  title: 'first copy of the first version',
  needs: [],
  isSetup: true,
  prepare: (stage) => placing(stage, stage.corpus.tars[0], VERSIONS),
}

export const replace: PeerCase = {
  name: 'replace',
  title: 'replace a 23 MB tar by its next version',
  needs: ['first-version'],
  prepare: (stage) => placing(stage, stage.corpus.tars[1], VERSIONS),
}

export const copyLarge: PeerCase = {
  name: 'copy',
  title: 'copy the large file to a new name',
  needs: ['file'],
  prepare: (stage) => placing(stage, join(stage.rootA, LARGE), COPY),
}

export const moveLarge: PeerCase = {
  name: 'move',
  title: 'move the copy to another folder',
  needs: ['copy'],
  deletes: true,
  async prepare({ rootA }) {
    return {
      apply: () => rename(join(rootA, COPY), join(rootA, MOVED)),
      isComplete: async (root) => (await isSame(rootA, root, MOVED)) && !(await isThere(join(root, COPY))),
    }
  },
}

/** A file that appears, or takes another's place, in one step. */
async function placing({ rootA, stage }: Stage, source: string, path: string): Promise<Change> {
  const draft = join(stage, 'placing')
  await copyFile(source, draft)
  return edited(rootA, path, () => rename(draft, join(rootA, path)))
}

function edited(rootA: string, path: string, apply: () => Promise<void>): Change {
  return { apply, isComplete: (root) => isSame(rootA, root, path) }
}

/** By size and time; the bytes are compared once the clock has stopped. */
async function isSame(one: string, other: string, path: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((root) => stat(join(root, path)).catch(() => undefined)))
  return a !== undefined && b !== undefined && a.size === b.size && Math.abs(a.mtimeMs - b.mtimeMs) < 1
}
