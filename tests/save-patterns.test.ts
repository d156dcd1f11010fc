import {
  appendFile,
  link,
  mkdir,
  open,
  rename,
  stat,
  symlink,
  truncate,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { expect, test } from 'vitest'
import { historyOf } from './support/api.ts'
import { expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

const OLD = 'the old text, long enough to be cut\n'
const NEW = 'the new text, another length\n'

type Save = (doc: string) => Promise<void>

/** How programs write a file that was there. Each leaves `NEW` under the file's own name and nothing beside it. */
const PATTERNS: readonly (readonly [string, Save])[] = [
  ['truncate and write in place', (doc) => writeFile(doc, NEW)],
  [
    'write a temporary file and rename it over',
    async (doc) => {
      await writeFile(`${doc}.tmp`, NEW)
      await rename(`${doc}.tmp`, doc)
    },
  ],
  [
    'delete, then rename a temporary file into place',
    async (doc) => {
      await writeFile(`${doc}.tmp`, NEW)
      await unlink(doc)
      await rename(`${doc}.tmp`, doc)
    },
  ],
  [
    'delete, then write anew',
    async (doc) => {
      await unlink(doc)
      await writeFile(doc, NEW)
    },
  ],
  [
    'rename to a backup, write anew, delete the backup (vim)',
    async (doc) => {
      await writeFile(`${doc}.4913`, '')
      await unlink(`${doc}.4913`)
      await rename(doc, `${doc}~`)
      await writeFile(doc, NEW)
      await unlink(`${doc}~`)
    },
  ],
  [
    'lock by a dangling symlink, write aside, rename over, unlock (Emacs)',
    async (doc) => {
      const lock = doc.replace(/doc$/, '.#doc')
      await symlink('user@host.1234:1700000000', lock)
      await writeFile(`${doc}#`, NEW)
      await rename(`${doc}#`, doc)
      await unlink(lock)
    },
  ],
  [
    'write aside, rename the old away, rename the new into place, delete the old (Word)',
    async (doc) => {
      await writeFile(`${doc}.wrd`, NEW)
      await rename(doc, `${doc}.wrl`)
      await rename(`${doc}.wrd`, doc)
      await unlink(`${doc}.wrl`)
    },
  ],
  [
    'hard-link a backup, rename over, unlink the backup',
    async (doc) => {
      await link(doc, `${doc}.bak`)
      await writeFile(`${doc}.tmp`, NEW)
      await rename(`${doc}.tmp`, doc)
      await unlink(`${doc}.bak`)
    },
  ],
  [
    'copy to a backup, overwrite in place, delete the backup',
    async (doc) => {
      await writeFile(`${doc}.bak`, OLD)
      await writeFile(doc, NEW)
      await unlink(`${doc}.bak`)
    },
  ],
  [
    'overwrite the beginning, then cut the rest',
    async (doc) => {
      const file = await open(doc, 'r+')
      await file.write(NEW, 0)
      await file.close()
      await truncate(doc, NEW.length)
    },
  ],
  [
    'truncate, then append piece by piece',
    async (doc) => {
      await truncate(doc, 0)
      for (const word of NEW.split(/(?<= )/)) await appendFile(doc, word)
    },
  ],
  [
    'swap with a temporary file by way of a third name',
    async (doc) => {
      await writeFile(`${doc}.swap`, NEW)
      await rename(doc, `${doc}.third`)
      await rename(`${doc}.swap`, doc)
      await rename(`${doc}.third`, `${doc}.swap`)
      await unlink(`${doc}.swap`)
    },
  ],
]

test.each(PATTERNS)('%s: the new text arrives under the old name, and nothing else', async (name, save) => {
  const { ash } = fleet()
  const below = `pattern/${PATTERNS.findIndex(([other]) => other === name)}`
  await mkdir(ash.path(below), { recursive: true })
  await writeFile(ash.path(below, 'doc'), OLD)
  await expectEverywhere(fleet(), below, { doc: OLD })
  await save(ash.path(below, 'doc'))
  await expectEverywhere(fleet(), below, { doc: NEW })
})

test('saving by rename goes on with the history of the file', async () => {
  const { ash, coordinator } = fleet()
  await mkdir(ash.path('history'))
  await writeFile(ash.path('history/doc'), 'one')
  await expectEverywhere(fleet(), 'history', { doc: 'one' })
  for (const text of ['two', 'three']) {
    await writeFile(ash.path('history/doc.tmp'), text)
    await rename(ash.path('history/doc.tmp'), ash.path('history/doc'))
    await expectEverywhere(fleet(), 'history', { doc: text })
  }
  const { versions } = await historyOf(coordinator, 'work', 'history/doc')
  expect(versions.filter(({ registers }) => registers.includes('content'))).toHaveLength(3)
})

test('a change that keeps the size and puts the time back is seen', async () => {
  const { birch } = fleet()
  await mkdir(birch.path('sly'))
  await writeFile(birch.path('sly/doc'), 'aaaa')
  await expectEverywhere(fleet(), 'sly', { doc: 'aaaa' })
  const { atime, mtime } = await stat(birch.path('sly/doc'))
  const file = await open(birch.path('sly/doc'), 'r+')
  await file.write('bbbb', 0)
  await file.close()
  await utimes(birch.path('sly/doc'), atime, mtime)
  await expectEverywhere(fleet(), 'sly', { doc: 'bbbb' })
})

test('a hundred saves in a quick row end with the last one everywhere, without a conflict', async () => {
  const { cedar } = fleet()
  await mkdir(cedar.path('row'))
  for (let i = 0; i < 100; i++) await writeFile(cedar.path('row/doc'), `save ${i}`)
  await expectEverywhere(fleet(), 'row', { doc: 'save 99' })
})
