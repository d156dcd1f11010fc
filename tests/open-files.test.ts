import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { eventually } from './support/eventually.ts'
import { converged, expectEverywhere, startFleet } from './support/fleet.ts'
import { shared } from './support/hooks.ts'

const fleet = shared(startFleet)

/** A program that has a file open for appending, and writes to it and closes it when told. */
async function openForAppending(path: string): Promise<{ save(): Promise<void> }> {
  const script = 'exec 3>>"$0"; echo open; read go; echo "saved late" >&3; exec 3>&-; echo closed'
  const program = spawn('sh', ['-c', script, path], { stdio: ['pipe', 'pipe', 'inherit'] })
  await once(program.stdout, 'data')
  return {
    async save() {
      program.stdin.write('go\n')
      await once(program, 'exit')
    },
  }
}

test('a program that has a file open loses no save to an edit from elsewhere, and holds up nothing else', async () => {
  const { ash, birch, nodes } = fleet()
  await writeFile(ash.path('log'), 'old\n')
  await expectEverywhere(fleet(), '', { log: 'old\n' })
  const program = await openForAppending(birch.path('log'))
  await writeFile(ash.path('log'), 'newer\n')
  await writeFile(ash.path('other'), 'x')
  await eventually('the other file is at birch', async () =>
    expect(await readFile(birch.path('other'), 'utf8')).toBe('x'),
  )
  expect(await readFile(birch.path('log'), 'utf8')).toBe('old\n')
  await program.save()
  await eventually('the edit is at birch', async () =>
    expect(await readFile(birch.path('log'), 'utf8')).toBe('newer\n'),
  )
  const tree = await converged(nodes)
  const copies = [...tree.keys()].filter((path) => path.startsWith('log (conflict, birch'))
  expect(copies).toHaveLength(1)
  expect(await readFile(ash.path(copies[0] ?? ''), 'utf8')).toBe('old\nsaved late\n')
  for (const path of ['log', 'other', ...copies]) await rm(ash.path(path))
  await expectEverywhere(fleet(), '', {})
})

test('a program that has a file open loses no save to a delete elsewhere', async () => {
  const { ash, birch } = fleet()
  await writeFile(ash.path('log'), 'old\n')
  await expectEverywhere(fleet(), '', { log: 'old\n' })
  const program = await openForAppending(birch.path('log'))
  await rm(ash.path('log'))
  await writeFile(ash.path('marker'), 'x')
  await eventually('the marker is at birch', async () => expect(await readFile(birch.path('marker'), 'utf8')).toBe('x'))
  await program.save()
  await expectEverywhere(fleet(), '', { log: 'old\nsaved late\n', marker: 'x' })
})
