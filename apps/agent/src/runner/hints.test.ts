import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { WatchHint } from '@causeway/replica'
import { createHintSet, WHOLE_TREE } from './hints.ts'

const anyDirectory = fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 4 }).map((names) => names.join('/'))
const anyHints = fc.array(fc.record({ directory: anyDirectory, recursive: fc.boolean() }), { maxLength: 30 })

test('what is gathered covers exactly what was hinted', () => {
  fc.assert(
    fc.property(anyHints, anyDirectory, (hints, directory) => {
      const gathered = gather(hints)
      expect(covers(gathered, directory)).toBe(covers(hints, directory))
    }),
  )
})

test('no hint lies below a recursive one, and none is there twice', () => {
  fc.assert(
    fc.property(anyHints, (hints) => {
      const gathered = gather(hints)
      expect(new Set(gathered.map(({ directory }) => directory)).size).toBe(gathered.length)
      for (const hint of gathered) {
        expect(
          covers(
            gathered.filter((other) => other !== hint && other.recursive),
            hint.directory,
          ),
        ).toBe(false)
      }
    }),
  )
})

test('too many hints become a look at everything', () => {
  const set = createHintSet()
  for (let i = 0; i < 5000; i++) set.add({ directory: `d${i}`, recursive: false })
  expect(set.isWhole).toBe(true)
  expect(set.take()).toEqual([WHOLE_TREE])
  expect(set.isEmpty).toBe(true)
})

function gather(hints: readonly WatchHint[]): readonly WatchHint[] {
  const set = createHintSet()
  for (const hint of hints) set.add(hint)
  return set.take()
}

function covers(hints: readonly WatchHint[], directory: string): boolean {
  return hints.some((hint) => {
    if (hint.directory === directory) return true
    return hint.recursive && (hint.directory === '' || directory.startsWith(`${hint.directory}/`))
  })
}
