import { chmod, mkdir, open, rename, rm, rmdir, symlink, unlink, utimes, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { Random } from '../support/random.ts'

/**
 * What a person does in one directory. All contents bear the directory's name, so that two directories never share
 * any: what is in store already would not be sent again.
 */
export interface Scenario {
  readonly name: string
  readonly before: (dir: string) => Promise<void>
  /** Calls `pause` where a node that is up is to see what was done so far. */
  readonly change: (dir: string, pause: () => Promise<void>) => Promise<void>
  /** Names trade places: in between, a name may be free. */
  readonly trades?: true
  /** What a path may hold in between, beside its old and its new content: a path whose content it is before or after. */
  readonly between?: Readonly<Record<string, string>>
}

const LARGE_BYTES = 400_000

/** Enough that what goes is always less than half: more would wait for a person. */
const STAYING = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`staying/${i}`, `stays ${i}`]))

export const SCENARIOS: readonly Scenario[] = [
  {
    name: 'place',
    before: (dir) => write(dir, { 'keep.txt': 'keep' }),
    change: async (dir) => {
      await write(dir, { 'one.txt': 'one', 'two.txt': 'two', empty: '', 'deep/er/three.txt': 'three' })
      await writeFile(join(dir, 'large.bin'), large(dir, 1))
    },
  },
  {
    name: 'edit',
    before: async (dir) => {
      await write(dir, { 'small.txt': 'before', 'below/small.txt': 'before as well' })
      await writeFile(join(dir, 'large.bin'), large(dir, 2))
    },
    change: async (dir) => {
      await write(dir, { 'small.txt': 'after', 'below/small.txt': 'after as well' })
      const file = await open(join(dir, 'large.bin'), 'r+')
      await file.write(large(dir, 3).subarray(0, 5000), 0, 5000, 100_000)
      await file.close()
    },
  },
  {
    name: 'replace',
    before: async (dir) => {
      await write(dir, { doc: 'the old text' })
      await writeFile(join(dir, 'large.bin'), large(dir, 4))
    },
    change: async (dir) => {
      await write(dir, { 'doc.tmp': 'the new text' })
      await writeFile(join(dir, 'large.tmp'), large(dir, 5))
      await rename(join(dir, 'doc.tmp'), join(dir, 'doc'))
      await rename(join(dir, 'large.tmp'), join(dir, 'large.bin'))
    },
  },
  {
    name: 'delete',
    before: async (dir) => {
      await write(dir, STAYING)
      await write(dir, { a: 'a', b: 'b', 'tree/one': '1', 'tree/two': '2', 'tree/in/three': '3' })
      await writeFile(join(dir, 'large.bin'), large(dir, 6))
    },
    change: async (dir) => {
      for (const name of ['a', 'b', 'large.bin', 'tree']) await rm(join(dir, name), { recursive: true })
    },
  },
  {
    name: 'move',
    before: (dir) => write(dir, { 'old/one': '1', 'old/in/two': '2', 'file.txt': 'file', 'to/keep': 'keep' }),
    change: async (dir) => {
      await rename(join(dir, 'old'), join(dir, 'new'))
      await rename(join(dir, 'file.txt'), join(dir, 'to/file.txt'))
    },
  },
  {
    name: 'move-and-edit',
    before: (dir) => write(dir, { 'draft.txt': 'the draft', 'old/doc': 'old text' }),
    change: async (dir) => {
      await rename(join(dir, 'draft.txt'), join(dir, 'final.txt'))
      await rename(join(dir, 'old'), join(dir, 'new'))
      await write(dir, { 'final.txt': 'the final text', 'new/doc': 'new text' })
    },
    between: { 'final.txt': 'draft.txt', 'new/doc': 'old/doc' },
  },
  {
    name: 'inside-out',
    before: (dir) => write(dir, { 'parent/p': 'parent', 'parent/child/c': 'child' }),
    change: async (dir) => {
      await rename(join(dir, 'parent/child'), join(dir, 'child'))
      await rename(join(dir, 'parent'), join(dir, 'child/parent'))
    },
  },
  ring('exchange', ['a', 'b']),
  ring('ring3', ['a', 'b', 'c']),
  ring('ring4', ['a', 'b', 'c', 'd']),
  ring('ring3-of-directories', ['x', 'y', 'z'], '/id'),
  {
    name: 'kinds',
    before: async (dir) => {
      await write(dir, STAYING)
      await write(dir, { 'to-directory': 'a file', 'to-file/inner': 'inner', 'to-link': 'a file too', keep: 'keep' })
      await symlink('nowhere', join(dir, 'from-link'))
    },
    change: async (dir) => {
      for (const name of ['to-directory', 'to-file', 'to-link', 'from-link']) {
        await rm(join(dir, name), { recursive: true })
      }
      await write(dir, { 'to-directory/inner': 'in a directory', 'to-file': 'a file now', 'from-link': 'no link' })
      await symlink('keep', join(dir, 'to-link'))
    },
  },
  {
    name: 'symlinks',
    before: async (dir) => {
      await write(dir, { 'keep.txt': 'keep' })
      await symlink('one', join(dir, 'changes'))
      await symlink('gone', join(dir, 'goes'))
    },
    change: async (dir) => {
      await unlink(join(dir, 'changes'))
      await symlink('two', join(dir, 'changes'))
      await unlink(join(dir, 'goes'))
      await symlink('keep.txt', join(dir, 'new'))
    },
  },
  {
    name: 'modes',
    before: async (dir) => {
      await write(dir, { tool: '#!/bin/sh\n', secret: 'secret', 'private/file': 'file', touched: 'touched' })
      await mkdir(join(dir, 'empty'))
    },
    change: async (dir) => {
      await chmod(join(dir, 'tool'), 0o755)
      await chmod(join(dir, 'secret'), 0o600)
      await chmod(join(dir, 'private'), 0o700)
      await utimes(join(dir, 'touched'), 1_000_000_000, 1_000_000_000)
      await rmdir(join(dir, 'empty'))
    },
  },
]

/** Each name passes what it holds on to the next. Were it all found at once, it would look like new contents under old names. */
function ring(name: string, names: readonly string[], inner = ''): Scenario {
  return {
    name,
    trades: true,
    before: (dir) => write(dir, Object.fromEntries(names.map((one) => [`${one}${inner}`, `was ${one}`]))),
    change: async (dir, pause) => {
      const last = names.at(-1) ?? ''
      await rename(join(dir, last), join(dir, 'third-name'))
      for (let i = names.length - 2; i >= 0; i--) {
        await pause()
        await rename(join(dir, names[i] ?? ''), join(dir, names[i + 1] ?? ''))
      }
      await pause()
      await rename(join(dir, 'third-name'), join(dir, names[0] ?? ''))
    },
  }
}

async function write(dir: string, files: Readonly<Record<string, string>>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(join(dir, path, '..'), { recursive: true })
    await writeFile(join(dir, path), text === '' ? '' : `${text}, in ${basename(dir)}`)
  }
}

function large(dir: string, nth: number): Buffer {
  return new Random(Number.parseInt(basename(dir), 36) * 10 + nth).bytes(LARGE_BYTES)
}
