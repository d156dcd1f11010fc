import { SyncError } from '@causeway/protocol'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { Replica } from './test-support/replica.ts'

let replica: Replica

beforeEach(() => {
  replica = new Replica()
})

afterEach(() => replica.close())

const here = (directory: string, recursive = false) => [{ directory, recursive }]

async function looked(...given: Parameters<Replica['scan']>): Promise<string[]> {
  return [...(await replica.scan(...given)).looked].sort()
}

describe('where it looks', () => {
  test('a recursive hint covers all below', async () => {
    await replica.plant('a/', 'a/b/', 'a/b/c', 'd/')
    expect(await looked(here('', true))).toEqual(['', 'a', 'a/b', 'd'])
    expect(await looked(here('a', true))).toEqual(['a', 'a/b'])
  })

  test('a directory that is as the base has it is not held: a look at a large tree costs no memory', async () => {
    await replica.plant('a/', 'a/one', 'd/', 'd/two')
    expect([...(await replica.scan()).local.keys()]).toEqual([])
    replica.user.write('d/two', 'other bytes')
    expect([...(await replica.scan()).local.keys()]).toEqual(['d'])
  })

  test('another covers its directory alone', async () => {
    await replica.plant('a/', 'a/b/', 'd/')
    expect(await looked(here('a'))).toEqual(['a'])
  })

  test('a new directory is looked into with all below, and its parent to tell whether it is new', async () => {
    await replica.plant('a/')
    replica.user.write('a/new/deep/file', 'x')
    expect(await looked(here('a'))).toEqual(['a', 'a/new', 'a/new/deep'])
    expect(await looked(here('a/new/deep'))).toEqual(['a', 'a/new', 'a/new/deep'])
  })

  test('a directory that is gone leads to the nearest one above that is there', async () => {
    await replica.plant('a/', 'a/b/', 'a/b/c/')
    replica.user.remove('a')
    expect(await looked(here('a/b/c'))).toEqual([''])
  })

  test('a directory that gave way to a file leads to its parent', async () => {
    await replica.plant('a/')
    replica.user.remove('a')
    replica.user.write('a', 'x')
    expect(await looked(here('a'))).toEqual([''])
  })

  test('what moved in leads to where it came from', async () => {
    await replica.plant('from/', 'from/deep/', 'from/deep/file', 'to/', 'else/')
    replica.user.rename('from/deep/file', 'to/file')
    expect(await looked(here('to'))).toEqual(['from/deep', 'to'])
  })

  test('a directory that was moved is left for later, with all below', async () => {
    await replica.plant('from/', 'from/deep/', 'from/deep/file', 'to/')
    replica.user.rename('from', 'to/there')
    const { local, deferred } = await replica.scan(here('', true))
    expect([...local.keys()].sort()).toEqual(['', 'to'])
    expect(deferred).toEqual(['to/there'])
  })

  test('a hint below a directory that was moved leads to the move, not into it', async () => {
    await replica.plant('from/', 'from/deep/', 'from/deep/file')
    replica.user.rename('from', 'there')
    for (const hint of [here('there/deep'), here('there', true), here('from/deep')]) {
      const { local, deferred } = await replica.scan(hint)
      expect([...local.keys()]).toEqual([''])
      expect(deferred).toEqual(['there'])
    }
  })

  test('what came out of a directory that was moved leads to where it lay, and to all above that', async () => {
    await replica.plant('from/', 'from/a/', 'from/a/b/', 'from/a/b/file', 'from/else/')
    replica.user.rename('from', 'there')
    replica.user.rename('there/a/b/file', 'out')
    expect(await looked(here(''))).toEqual(['', 'there', 'there/a', 'there/a/b'])
  })

  test('a hint given twice is one look', async () => {
    await replica.plant('a/')
    replica.calls.length = 0
    await replica.scan([...here('a'), ...here('a'), ...here('a', true)])
    expect(replica.calls.filter(({ method }) => method === 'list').length).toBeLessThanOrEqual(2)
  })
})

describe('what it finds', () => {
  test('names with what stat says, and never a file’s content', async () => {
    await replica.plant('a/', 'a/file')
    replica.user.write('a/file', 'changed')
    replica.user.write('a/new', 'x')
    replica.calls.length = 0
    const { local } = await replica.scan()
    expect(local.get('a')?.map(({ name, stat }) => [name, stat.kind, stat.size])).toEqual([
      ['file', 'file', 7],
      ['new', 'file', 1],
    ])
    expect(new Set(replica.calls.map(({ method }) => method))).toEqual(new Set(['list']))
  })

  test('not what is ignored, nor what lies below it', async () => {
    replica.user.write('build/out', 'x')
    replica.user.write('kept', 'x')
    const { local } = await replica.scan(undefined, ['build'])
    expect([...local.keys()]).toEqual([''])
    expect(local.get('')?.map(({ name }) => name)).toEqual(['kept'])
  })

  test('directories that hold only what is ignored, apart from empty ones', async () => {
    replica.user.write('logs/a.log', 'x')
    replica.user.mkdir('empty')
    const { onlyIgnored } = await replica.scan(undefined, ['logs/a.log'])
    expect([...onlyIgnored]).toEqual(['logs'])
  })
})

describe('what it can not look at', () => {
  test('a name is a problem, told with its path', async () => {
    replica.user.makeFifo('a/pipe')
    replica.user.write('a/secret', 'x')
    replica.user.chmod('a/secret', 0)
    const { problems, local } = await replica.scan()
    expect(problems).toEqual([
      { path: 'a/pipe', reason: 'unsupported-kind' },
      { path: 'a/secret', reason: 'unreadable' },
    ])
    expect(local.get('a')).toEqual([])
  })

  test('a directory is told and left out, so that nothing below it counts as gone', async () => {
    await replica.plant('a/', 'a/b/', 'a/b/c', 'd/')
    replica.beforeCall = ({ method, path }) => {
      if (method === 'list' && path === 'a') throw new SyncError('io-error', 'cannot list a (EACCES)')
    }
    const { problems, looked } = await replica.scan()
    expect(problems).toEqual([{ path: 'a', reason: 'cannot list a (EACCES)' }])
    expect([...looked].sort()).toEqual(['', 'd'])
  })

  test('the root that is gone ends the scan', async () => {
    replica.disk.setRoot('missing')
    await expect(replica.scan()).rejects.toMatchObject({ code: 'root-missing' })
  })
})
