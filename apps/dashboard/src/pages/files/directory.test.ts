import type { BrowseResponse } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { directoryEntry } from './directory-entry.ts'
import { createDirectory } from './directory.ts'

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
  expect(directory.state.more).toBe(false)
  directory.loadMore()
  await settled()
  expect(asked).toHaveLength(3)
})

test('only the page that holds a changed name is read again', async () => {
  const { names, directory, asked } = directoryOf(letters(10), 4)
  await settled()
  directory.loadMore()
  await settled()
  names.splice(names.indexOf('f'), 1)
  asked.length = 0
  directory.touched(['f'])
  await settled()
  expect(asked).toEqual(['d'])
  expect(shown(directory)).toEqual(['a', 'b', 'c', 'd', 'e', 'g', 'h'])
})

test('a page that grew is read to its old end; a name behind what was read needs no reading', async () => {
  const { names, directory, asked } = directoryOf(letters(10), 4)
  await settled()
  names.push('aa', 'ab', 'ac', 'ad', 'ae')
  names.sort()
  directory.touched(['aa', 'ab', 'ac', 'ad', 'ae'])
  await settled()
  expect(shown(directory)).toEqual(['a', 'aa', 'ab', 'ac', 'ad', 'ae', 'b', 'c', 'd'])
  expect(directory.state.more).toBe(true)
  asked.length = 0
  directory.touched(['zz'])
  await settled()
  expect(asked).toEqual([])
  directory.loadMore()
  await settled()
  expect(shown(directory).slice(-4)).toEqual(['e', 'f', 'g', 'h'])
})

test('an end that was reached grows with the directory', async () => {
  const { names, directory } = directoryOf(['a', 'b'], 4)
  await settled()
  names.push('c', 'd', 'e')
  directory.touched(['c'])
  await settled()
  expect(shown(directory)).toEqual(['a', 'b', 'c', 'd'])
  expect(directory.state.more).toBe(true)
})

test('whatever happens between, the read part is what the coordinator has, without gap or repeat', async () => {
  const { names, directory } = directoryOf(letters(26), 5)
  await settled()
  for (const [at, change] of ['ba', '-c', 'ez', '-e', 'j1', '-j', 'a0', '-a', '-b', '-ba', '-d'].entries()) {
    if (change.startsWith('-')) names.splice(names.indexOf(change.slice(1)), 1)
    else names.push(change)
    names.sort()
    directory.touched([change.replace('-', '')])
    if (at % 3 === 0) directory.loadMore()
    await settled()
    const seen = shown(directory)
    expect(seen).toEqual(names.slice(0, seen.length))
  }
})

test('a failure is told, and reading again mends it', async () => {
  let broken = true
  const directory = createDirectory(() =>
    broken ? Promise.reject(new Error('no answer')) : Promise.resolve({ entries: [directoryEntry('a')], next: null }),
  )
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

function directoryOf(names: string[], limit: number) {
  const asked: (string | undefined)[] = []
  const directory = createDirectory(async ({ after, limit: most }): Promise<BrowseResponse> => {
    asked.push(after)
    const found = names.filter((name) => after === undefined || name > after)
    const page = found.slice(0, most)
    return { entries: page.map(directoryEntry), next: found.length > most ? (page.at(-1) ?? null) : null }
  }, limit)
  return { names, directory, asked }
}

function shown(directory: ReturnType<typeof createDirectory>): string[] {
  return directory.state.entries.map(({ path }) => path)
}

async function settled(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}
