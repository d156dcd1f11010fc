import { chmod, chown, lstat, mkdir, open, readdir, readFile, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { startCoordinator, type Coordinator } from './support/coordinator.ts'
import { eventually } from './support/eventually.ts'
import { converged } from './support/fleet.ts'
import { shared, testLifetime } from './support/hooks.ts'
import type { Lifetime } from './support/lifetime.ts'
import { startNode, type SyncNode } from './support/node.ts'
import { runCauseway } from './support/processes.ts'
import { scratchDirectory } from './support/scratch.ts'

/** Modes mean nothing to root: `npm run check -- --only ordinary` runs this file as somebody else where root started it. */
const isRoot = process.getuid?.() === 0

interface Pair {
  readonly scratch: string
  readonly coordinator: Coordinator
  readonly ash: SyncNode
  readonly birch: SyncNode
}

async function startPair(life: Lifetime, umasks: { ash?: number; birch?: number } = {}): Promise<Pair> {
  const scratch = await scratchDirectory(life)
  // Directories that nobody may write to can't be removed with the rest either.
  life.add(() => makeRemovable(scratch))
  const coordinator = await startCoordinator(life, { dataDir: join(scratch, 'coordinator') })
  const start = (name: 'ash' | 'birch'): Promise<SyncNode> => {
    const umask = umasks[name]
    return startNode(life, { coordinator, dir: join(scratch, name), name, ...(umask !== undefined && { umask }) })
  }
  const [ash, birch] = [await start('ash'), await start('birch')]
  return { scratch, coordinator, ash, birch }
}

describe.skipIf(isRoot)('a directory of mode 0555', () => {
  const pair = shared(startPair)

  /** What is in such a directory everywhere, with the directories below it in the same mode. */
  async function given(below: string): Promise<void> {
    const { ash, birch } = pair()
    await mkdir(ash.path(below, 'inner'), { recursive: true })
    await writeFile(ash.path(below, 'doc'), 'first')
    await writeFile(ash.path(below, 'inner/leaf'), 'leaf')
    await lock(ash, below)
    await converged([ash, birch])
    expect(await modeOf(birch, below)).toBe(0o555)
  }

  /** Done while ash is down, so that nobody sees the directory in another mode than 0555. */
  async function whileDown(below: string, work: (dir: string) => Promise<void>): Promise<void> {
    const { ash, birch } = pair()
    await ash.stop()
    await unlock(ash, below)
    await work(ash.path(below))
    await lock(ash, below)
    ash.up()
    await eventually('the node is up again', () => ash.wait())
    await converged([ash, birch])
    expect((await birch.status()).problems).toEqual([])
  }

  test('takes a new file and a new directory from elsewhere', async () => {
    await given('adding')
    await whileDown('adding', async (dir) => {
      await writeFile(join(dir, 'new'), 'new')
      await mkdir(join(dir, 'inner/more'))
      await writeFile(join(dir, 'inner/more/new'), 'new below')
    })
    const expected = { doc: 'first', new: 'new', 'inner/leaf': 'leaf', 'inner/more/new': 'new below' }
    expect(await pair().birch.view('adding')).toEqual(expected)
    expect(await modeOf(pair().birch, 'adding')).toBe(0o555)
  })

  test('takes an edit from elsewhere', async () => {
    await given('editing')
    await whileDown('editing', async (dir) => {
      await writeFile(join(dir, 'doc'), 'second')
      await writeFile(join(dir, 'inner/leaf'), 'another leaf')
    })
    expect(await pair().birch.view('editing')).toEqual({ doc: 'second', 'inner/leaf': 'another leaf' })
    expect(await modeOf(pair().birch, 'editing/inner')).toBe(0o555)
  })

  test('takes a move from elsewhere', async () => {
    await given('moving')
    await whileDown('moving', async (dir) => {
      await rename(join(dir, 'doc'), join(dir, 'inner/renamed'))
      await rename(join(dir, 'inner'), join(dir, 'outer'))
    })
    expect(await pair().birch.view('moving')).toEqual({ 'outer/leaf': 'leaf', 'outer/renamed': 'first' })
    expect(await modeOf(pair().birch, 'moving')).toBe(0o555)
  })

  test('takes a delete from elsewhere', async () => {
    await given('deleting')
    await whileDown('deleting', async (dir) => unlink(join(dir, 'doc')))
    expect(await pair().birch.view('deleting')).toEqual({ 'inner/leaf': 'leaf' })
    expect(await modeOf(pair().birch, 'deleting')).toBe(0o555)
  })

  test('goes with all that is in it when it is deleted elsewhere', async () => {
    await given('gone')
    await whileDown('gone', async (dir) => rm(dir, { recursive: true }))
    await expect(lstat(pair().birch.path('gone'))).rejects.toThrow('ENOENT')
  })
})

describe.skipIf(isRoot)('what may not be read', () => {
  const pair = shared(startPair)

  test('a file that may not be read is a named problem, its neighbours sync, and it follows once it may', async () => {
    const { ash, birch } = pair()
    await mkdir(ash.path('secrets'))
    await writeFile(ash.path('secrets/key'), 'the key', { mode: 0o000 })
    await writeFile(ash.path('secrets/note'), 'note')
    await eventually('the neighbour has arrived', async () => {
      expect(await birch.view('secrets')).toEqual({ note: 'note' })
    })
    await expectProblem(ash, 'secrets/key')
    await chmod(ash.path('secrets/key'), 0o600)
    await converged([ash, birch])
    expect(await birch.view('secrets')).toEqual({ key: 'the key', note: 'note' })
    expect((await ash.status()).problems).toEqual([])
  })

  test.each([0o000, 0o600, 0o300])(
    'a directory whose mode becomes %o is not taken for an empty one: nothing is deleted elsewhere',
    async (mode) => {
      const { ash, birch } = pair()
      const below = `closed-${mode.toString(8)}`
      await mkdir(ash.path(below, 'in'), { recursive: true })
      for (const name of ['a', 'b', 'in/c']) await writeFile(ash.path(below, name), name)
      await converged([ash, birch])
      const all = { a: 'a', b: 'b', 'in/c': 'in/c' }
      await ash.stop()
      await chmod(ash.path(below), mode)
      ash.up()
      await eventually('the node is up again', () => ash.status())
      await writeFile(ash.path(`${below}.after`), 'after')
      await eventually('what came later has arrived', async () => {
        expect(await readFile(birch.path(`${below}.after`), 'utf8')).toBe('after')
      })
      await expectProblem(ash, below)
      await chmod(ash.path(below), 0o755)
      await converged([ash, birch])
      expect(await ash.view(below)).toEqual(all)
      expect(await birch.view(below)).toEqual(all)
    },
  )

  test('an edit from elsewhere of a file that may not be read here arrives, at the latest once it may', async () => {
    const { ash, birch } = pair()
    await writeFile(ash.path('closed-file'), 'first')
    await converged([ash, birch])
    await chmod(birch.path('closed-file'), 0o000)
    await expectProblem(birch, 'closed-file')
    await writeFile(ash.path('closed-file'), 'second')
    await ash.wait()
    await chmod(birch.path('closed-file'), 0o600)
    await converged([ash, birch])
    expect(await birch.view()).toMatchObject({ 'closed-file': 'second' })
    expect((await birch.status()).problems).toEqual([])
  })
})

describe.skipIf(isRoot)('a root that may not be written to', () => {
  test('is refused in plain words by the join', async () => {
    const { coordinator, scratch } = await startPair(testLifetime())
    const root = join(scratch, 'read-only')
    await mkdir(root, { mode: 0o555 })
    const link = await coordinator.invite({ folder: 'work' })
    const { code, stderr } = await runCauseway(['join', link, root, '--state', join(scratch, 'read-only.state')])
    expect(code).toBeGreaterThan(0)
    expect(stderr).toContain(root)
    expect(stderr).toMatch(/EACCES|permission|unreadable/i)
    expect(stderr).not.toMatch(/\n\s+at /)
  })

  test('is a named problem while it lasts, and what waited arrives afterwards', async () => {
    const { ash, birch } = await startPair(testLifetime())
    await writeFile(ash.path('first'), 'first')
    await converged([ash, birch])
    await birch.stop()
    await chmod(birch.dir, 0o555)
    birch.up()
    await eventually('the node is up again', () => birch.status())
    await writeFile(ash.path('second'), 'second')
    await eventually('the node arrives at the new file or says why not', async () => {
      const { problems } = await birch.status()
      const names = await birch.view()
      expect(problems.length > 0 || names['second'] === 'second').toBe(true)
    })
    await chmod(birch.dir, 0o755)
    await converged([ash, birch])
    expect(await birch.view()).toEqual({ first: 'first', second: 'second' })
  })
})

describe.skipIf(isRoot).each([
  { ash: 0o022, birch: 0o077 },
  { ash: 0o077, birch: 0o022 },
])('with a umask of $ash on one node and $birch on the other', (umasks) => {
  test('modes arrive as they are: new ones, changed ones, and those of what is written again', async () => {
    const { ash, birch } = await startPair(testLifetime(), umasks)
    const modes = { open: 0o666, shared: 0o664, usual: 0o644, private: 0o600, tool: 0o777 }
    await mkdir(ash.path('dir'))
    await chmod(ash.path('dir'), 0o775)
    for (const [name, mode] of Object.entries(modes)) {
      // A large one is not placed as a small one is.
      const text = name === 'shared' ? 'long '.repeat(100_000) : name
      await writeFile(ash.path('dir', name), text)
      await chmod(ash.path('dir', name), mode)
    }
    await converged([ash, birch])
    const expectModes = async (node: SyncNode): Promise<void> => {
      expect(await modeOf(node, 'dir')).toBe(0o775)
      for (const [name, mode] of Object.entries(modes))
        expect([name, await modeOf(node, `dir/${name}`)]).toEqual([name, mode])
    }
    await expectModes(birch)

    for (const name of Object.keys(modes)) {
      const file = await open(birch.path('dir', name), 'r+')
      await file.write('again')
      await file.close()
    }
    await converged([ash, birch])
    await expectModes(ash)
    await expectModes(birch)
  })
})

/** A group of this user beside their first. */
const otherGroup = process.getgroups?.().find((group) => group !== process.getgid?.())

describe.skipIf(isRoot || otherGroup === undefined)('a directory that a team shares', () => {
  test('keeps its group and its set-group-id bit, and so do the files in it, when they are changed elsewhere', async () => {
    const { ash, birch } = await startPair(testLifetime())
    const group = otherGroup ?? 0
    await mkdir(ash.path('team'))
    await writeFile(ash.path('team/plan'), 'first')
    await converged([ash, birch])
    await chown(birch.path('team'), -1, group)
    await chown(birch.path('team/plan'), -1, group)
    await chmod(birch.path('team'), 0o2775)
    await chmod(birch.path('team/plan'), 0o664)
    await converged([ash, birch])

    await writeFile(ash.path('team/plan'), 'second')
    await writeFile(ash.path('team/new'), 'new')
    await mkdir(ash.path('team/below'))
    await converged([ash, birch])
    expect(await birch.view('team')).toEqual({ plan: 'second', new: 'new', below: '/' })
    await expectShared(birch, group)

    await chmod(ash.path('team'), 0o755)
    await converged([ash, birch])
    expect(await modeOf(birch, 'team')).toBe(0o755)
    await expectShared(birch, group)
  })

  async function expectShared(node: SyncNode, group: number): Promise<void> {
    expect((await lstat(node.path('team'))).mode & 0o2000).toBe(0o2000)
    for (const path of ['team', 'team/plan', 'team/new', 'team/below']) {
      expect([path, (await lstat(node.path(path))).gid]).toEqual([path, group])
    }
  }
})

async function expectProblem(node: SyncNode, path: string): Promise<void> {
  await eventually(`${path} is a problem`, async () => {
    const problem = (await node.status()).problems.find((one) => one.path === path || one.path.startsWith(`${path}/`))
    expect(problem?.message).toMatch(/EACCES|permission|unreadable/i)
  })
}

async function modeOf(node: SyncNode, path: string): Promise<number> {
  return (await lstat(node.path(path))).mode & 0o777
}

async function lock(node: SyncNode, below: string): Promise<void> {
  for (const path of directoriesOf(await node.tree(), below).reverse()) await chmod(node.path(path), 0o555)
}

async function unlock(node: SyncNode, below: string): Promise<void> {
  for (const path of directoriesOf(await node.tree(), below)) await chmod(node.path(path), 0o755)
}

function directoriesOf(tree: Awaited<ReturnType<SyncNode['tree']>>, below: string): string[] {
  return [...tree].flatMap(([path, { kind }]) =>
    kind === 'directory' && (path === below || path.startsWith(`${below}/`)) ? [path] : [],
  )
}

async function makeRemovable(root: string): Promise<void> {
  await chmod(root, 0o755).catch(() => undefined)
  for (const entry of await readdir(root, { withFileTypes: true })) {
    if (entry.isDirectory()) await makeRemovable(join(root, entry.name))
  }
}
