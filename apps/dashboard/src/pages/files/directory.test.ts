import { compareListed } from '@causeway/engine'
import type { BrowseResponse } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { directoryEntry, NOTHING_WITHIN } from './directory-entry.ts'
import { BY_NAME, createDirectory, listedOf } from './directory.ts'

test('pages are read as they are asked for, each once', async () => {
  const { names, directory, asked } = directoryOf(letters(10), 4)
  await settled()
  expect(shown(directory)).toEqual(names.slice(0, 4))
  directory.loadMore()
  directory.loadMore()
  await settled()
  expect(shown(directory)).toEqual(names.slice(0, 8))
  directory.loadMore()
  await settled()
  expect(directory.state).toMatchObject({ more: false, total: 10 })
  directory.loadMore()
  await settled()
  expect(asked).toHaveLength(3)
})

test('of what changed, only that is read again, and it stands where it belongs', async () => {
  const { names, directory, asked } = directoryOf(letters(10), 4)
  await settled()
  directory.loadMore()
  await settled()
  names.splice(names.indexOf('f'), 1, 'c10', 'c9')
  asked.length = 0
  directory.touched(['f', 'c10', 'c9'])
  await settled()
  expect(asked).toEqual([['f', 'c10', 'c9']])
  expect(shown(directory)).toEqual(['a', 'b', 'c', 'c9', 'c10', 'd', 'e', 'g', 'h'])
  expect(directory.state.total).toBe(11)
})

test('what comes behind the part that was read is shown when one gets there, once', async () => {
  const { names, directory } = directoryOf(letters(6), 4)
  await settled()
  names.push('z', 'da')
  directory.touched(['z', 'da'])
  await settled()
  expect(shown(directory)).toEqual(['a', 'b', 'c', 'd'])
  directory.loadMore()
  await settled()
  expect(shown(directory)).toEqual(['a', 'b', 'c', 'd', 'da', 'e', 'f', 'z'])
})

test('a directory that was read to its end shows whatever comes', async () => {
  const { names, directory } = directoryOf(['a', 'b'], 4)
  await settled()
  names.push('c', 'd', 'e')
  directory.touched(['c', 'd', 'e'])
  await settled()
  expect(shown(directory)).toEqual(['a', 'b', 'c', 'd', 'e'])
})

test('after very many changes all that was read is read again', async () => {
  const { names, directory, asked } = directoryOf(letters(10), 4)
  await settled()
  const many = Array.from({ length: 300 }, (_, at) => `a${at}`)
  names.push(...many)
  asked.length = 0
  directory.touched(many)
  await settled()
  expect(asked).toEqual([undefined])
  expect(shown(directory)).toEqual(['a', 'a0', 'a1', 'a2'])
})

test('whatever happens between, the read part is what the coordinator has, without gap or repeat', async () => {
  const { names, directory } = directoryOf(letters(26), 5)
  await settled()
  for (const [at, change] of ['ba', '-c', 'ez', '-e', 'j1', '-j', 'a0', '-a', '-b', '-ba', '-d'].entries()) {
    if (change.startsWith('-')) names.splice(names.indexOf(change.slice(1)), 1)
    else names.push(change)
    directory.touched([change.replace('-', '')])
    if (at % 3 === 0) directory.loadMore()
    await settled()
    const seen = shown(directory)
    expect(seen).toEqual(inOrder(names).slice(0, seen.length))
  }
})

test('a failure is told, and reading again mends it', async () => {
  let broken = true
  const answer = { entries: [directoryEntry('a')], next: null, total: 1, within: NOTHING_WITHIN }
  const directory = createDirectory(() => (broken ? Promise.reject(new Error('no answer')) : Promise.resolve(answer)))
  await settled()
  expect(directory.state).toMatchObject({ status: 'failed', error: new Error('no answer') })
  broken = false
  directory.refresh()
  await settled()
  expect(directory.state.status).toBe('ready')
  expect(shown(directory)).toEqual(['a'])
})

function letters(count: number): string[] {
  return Array.from({ length: count }, (_, at) => String.fromCharCode(97 + at))
}

function inOrder(names: readonly string[]): string[] {
  const compare = compareListed('name', false)
  return names.toSorted((a, b) => compare(listedOf(directoryEntry(a)), listedOf(directoryEntry(b))))
}

function directoryOf(names: string[], limit: number) {
  const asked: (string | readonly string[] | undefined)[] = []
  const directory = createDirectory(
    async ({ after, name, limit: most }): Promise<BrowseResponse> => {
      asked.push(name ?? after)
      const isBehind = (one: string): boolean =>
        after === undefined || (one !== after && inOrder([one, after])[0] === after)
      const found = inOrder(names).filter((one) => name?.includes(one) ?? isBehind(one))
      const page = name === undefined ? found.slice(0, most) : found
      const next = found.length > page.length ? (page.at(-1) ?? null) : null
      const total = after === undefined ? names.length : null
      return { entries: page.map(directoryEntry), next, total, within: NOTHING_WITHIN }
    },
    BY_NAME,
    limit,
  )
  return { names, directory, asked }
}

function shown(directory: ReturnType<typeof createDirectory>): string[] {
  return directory.state.entries.map(({ path }) => path)
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
