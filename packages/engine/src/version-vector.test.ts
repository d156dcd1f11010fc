import type { NodeId, Order, VersionVector } from '@causeway/protocol'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { compare, counterOf, EMPTY_VECTOR, hasSeen, includes, merge, withDot } from './version-vector.ts'

/** Ids that a plain object answers to without holding them stand beside ordinary ones. */
const NODES = ['laptop', 'phone', 'nas', 'toString', 'valueOf', 'constructor', 'hasOwnProperty', '__proto__', '0', '17']
const anyNode = fc.constantFrom(...NODES).map((id) => id as NodeId)
const anyCounter = fc.integer({ min: 1, max: 4 })
const anyVector: fc.Arbitrary<VersionVector> = fc
  .uniqueArray(fc.tuple(anyNode, anyCounter), { selector: ([node]) => node, maxLength: 6 })
  .map((entries) => Object.fromEntries(entries))

const MIRROR: Record<Order, Order> = { equal: 'equal', before: 'after', after: 'before', concurrent: 'concurrent' }

test.each([
  ['two empty vectors are equal', {}, {}, 'equal'],
  ['the empty vector is before every other', {}, { laptop: 1 }, 'before'],
  ['one more event of a node is after', { laptop: 2 }, { laptop: 1 }, 'after'],
  ['another node beside is after', { laptop: 1, phone: 1 }, { laptop: 1 }, 'after'],
  ['an event on each side is concurrent', { laptop: 1 }, { phone: 1 }, 'concurrent'],
  ['ahead in one and behind in another is concurrent', { laptop: 2, phone: 1 }, { laptop: 1, phone: 2 }, 'concurrent'],
  ['the order of keys means nothing', { laptop: 1, phone: 2 }, { phone: 2, laptop: 1 }, 'equal'],
  ['a counter of zero is no counter', { laptop: 0 }, {}, 'equal'],
  ['an inherited property is no counter', { toString: 1 }, {}, 'after'],
  ['and none on the other side either', {}, { constructor: 1, valueOf: 2 }, 'before'],
] as const satisfies readonly (readonly [string, VersionVector, VersionVector, Order])[])(
  '%s',
  (_name, a, b, order) => {
    expect(compare(a, b)).toBe(order)
  },
)

describe('compare', () => {
  test('seen from the other side, the order is mirrored', () => {
    law(anyVector, anyVector, (a, b) => {
      expect(compare(b, a)).toBe(MIRROR[compare(a, b)])
    })
  })

  test('two vectors are equal only if they hold the same counters', () => {
    law(anyVector, anyVector, (a, b) => {
      expect(compare(a, b) === 'equal').toBe(NODES.every((node) => counterOf(a, node) === counterOf(b, node)))
      expect(compare(a, a)).toBe('equal')
    })
  })

  test('what includes an including vector includes the included', () => {
    fc.assert(
      fc.property(anyVector, anyVector, anyVector, (low, more, yetMore) => {
        const middle = merge(low, more)
        const high = merge(middle, yetMore)
        expect(includes(high, low)).toBe(true)
        expect(['equal', 'before']).toContain(compare(low, high))
      }),
    )
  })

  test('includes holds exactly for equal and after', () => {
    law(anyVector, anyVector, (a, b) => {
      expect(includes(a, b)).toBe(['equal', 'after'].includes(compare(a, b)))
    })
  })
})

describe('merge', () => {
  test('is commutative', () => {
    law(anyVector, anyVector, (a, b) => {
      expect(sorted(merge(a, b))).toEqual(sorted(merge(b, a)))
    })
  })

  test('is associative', () => {
    fc.assert(
      fc.property(anyVector, anyVector, anyVector, (a, b, c) => {
        expect(sorted(merge(merge(a, b), c))).toEqual(sorted(merge(a, merge(b, c))))
      }),
    )
  })

  test('is idempotent, and the empty vector adds nothing', () => {
    law(anyVector, anyVector, (a, b) => {
      expect(sorted(merge(merge(a, b), b))).toEqual(sorted(merge(a, b)))
      expect(sorted(merge(a, EMPTY_VECTOR))).toEqual(sorted(a))
      expect(sorted(merge(EMPTY_VECTOR, a))).toEqual(sorted(a))
    })
  })

  test('is the least vector that includes both', () => {
    law(anyVector, anyVector, (a, b) => {
      const merged = merge(a, b)
      expect(includes(merged, a) && includes(merged, b)).toBe(true)
      for (const node of NODES) {
        expect(counterOf(merged, node)).toBe(Math.max(counterOf(a, node), counterOf(b, node)))
      }
    })
  })

  test('leaves what it was given as it was', () => {
    law(anyVector, anyVector, (a, b) => {
      const [aBefore, bBefore] = [sorted(a), sorted(b)]
      merge(a, b)
      expect([sorted(a), sorted(b)]).toEqual([aBefore, bBefore])
    })
  })

  test('gives a vector with nothing inherited but what every object has', () => {
    const merged = merge({ laptop: 1 }, Object.fromEntries([['__proto__', 3]]))
    expect(Object.getPrototypeOf(merged)).toBe(Object.prototype)
    expect(counterOf(merged, '__proto__')).toBe(3)
  })
})

describe('withDot', () => {
  test('a next event is seen, and lies after all before it', () => {
    law(anyVector, anyNode, (vector, node) => {
      const counter = counterOf(vector, node) + 1
      const next = withDot(vector, node, counter)
      expect(hasSeen(vector, { node, counter })).toBe(false)
      expect(hasSeen(next, { node, counter })).toBe(true)
      expect(compare(next, vector)).toBe('after')
      expect(counterOf(next, node)).toBe(counter)
    })
  })

  test('an event that was seen changes nothing', () => {
    fc.assert(
      fc.property(anyVector, anyNode, anyCounter, (vector, node, counter) => {
        fc.pre(hasSeen(vector, { node, counter }))
        expect(sorted(withDot(vector, node, counter))).toEqual(sorted(vector))
      }),
    )
  })

  test('the next events of two nodes are concurrent', () => {
    law(anyVector, anyVector, (a, b) => {
      const common = merge(a, b)
      const left = withDot(common, 'laptop' as NodeId, counterOf(common, 'laptop') + 1)
      const right = withDot(common, 'valueOf' as NodeId, counterOf(common, 'valueOf') + 1)
      expect(compare(left, right)).toBe('concurrent')
      expect(compare(merge(left, right), left)).toBe('after')
    })
  })
})

function law<A, B>(a: fc.Arbitrary<A>, b: fc.Arbitrary<B>, holds: (a: A, b: B) => void): void {
  fc.assert(fc.property(a, b, holds), { numRuns: 300 })
}

/** By node, so that the order of keys does not count; as pairs, so that `__proto__` does. */
function sorted(vector: VersionVector): [string, number][] {
  return Object.entries(vector).sort(([a], [b]) => (a < b ? -1 : 1))
}
