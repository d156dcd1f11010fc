import { expect, test } from 'vitest'
import { lastCall, pointsIn, sample, shard, type Point } from './point.ts'

const TRACE = `
100   openat(AT_FDCWD</>, "/repo/main.ts", O_RDONLY|O_CLOEXEC) = 3</repo/main.ts>
100   openat(AT_FDCWD</>, "/state/lock", O_WRONLY|O_CREAT|O_EXCL, 0600) = 4</state/lock>
100   write(6<pipe:[16764]>, "*", 1) = 1
100   write(9<anon_inode:[eventfd]>, "1", 8) = 8
100   write(4</state/lock>, "x", 1) = 1
100   openat(AT_FDCWD</>, "/cache/a", O_WRONLY|O_CREAT, 0600) = 7</cache/a>
200   fsync(5</tree/a>) = 0
100   fsync(5</tree/b>) = 0
100   fsync(5</tree/c> <unfinished ...>
200   fsync(5</tree/d>) = 0
100   <... fsync resumed>) = 0
100   +++ exited with 0 +++
`

test('points are the calls that change a disk, counted as the tracer counts them', () => {
  const points = pointsIn('s', TRACE, ['/cache'])
  expect(points.map(({ call, at }) => `${call} ${at}`)).toEqual(['openat 2', 'write 3', 'fsync 1', 'fsync 2'])
})

test('a call that another thread has made as often before is not met, so it is no point', () => {
  const seen = pointsIn('s', TRACE, []).filter(({ call }) => call === 'fsync')
  expect(seen.map((point) => point.seen)).toEqual(['fsync(5</tree/a>) = 0', 'fsync(5</tree/c> <unfinished ...>'])
})

test('the last call is the one that never returned', () => {
  const killed = `1 rename("a", "b") = 0\n1 rename("c", "d") = ?\n2 write(1, "x", 1) = 1\n1 +++ killed by SIGKILL +++\n`
  expect(lastCall(killed)).toBe('1 rename("c", "d") = ?')
})

test('a sample takes from every call, and more only from those that have more', () => {
  const points = [...pointsOf('pwrite64', 90), ...pointsOf('renameat2', 2), ...pointsOf('fsync', 5)]
  const taken = sample(points, 12)
  expect(count(taken)).toEqual({ pwrite64: 5, renameat2: 2, fsync: 5 })
  expect(taken.filter(({ call }) => call === 'pwrite64').map(({ at }) => at)).toEqual([10, 28, 46, 64, 82])
  expect(sample(points, 1000)).toHaveLength(97)
})

test('the shards together are all points, each once', () => {
  const points = pointsOf('fsync', 7)
  const all = [1, 2, 3].flatMap((index) => shard(points, { index, count: 3 }))
  expect(all.map(({ at }) => at).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7])
})

function pointsOf(call: Point['call'], length: number): Point[] {
  return Array.from({ length }, (_, i) => ({ scenario: 's', call, at: i + 1, seen: '' }))
}

function count(points: readonly Point[]): Record<string, number> {
  const counts: Record<string, number> = {}
  for (const { call } of points) counts[call] = (counts[call] ?? 0) + 1
  return counts
}
