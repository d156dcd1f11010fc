import { describe, expect, test } from 'vitest'
import type { Leases } from '../leases/leases.ts'

/** Two processes on one new database, each with a clock of its own. */
export interface TwoTakers {
  readonly ash: Leases
  readonly birch: Leases
  /** Lets time go by for birch; ash's clock stands still. */
  pass(ms: number): void
  close(): Promise<void>
}

const TTL_MS = 1000

/** What `Leases` must do, as tests. `open` gives two handles on one new and empty database each time. */
export function leasesConformance(name: string, open: () => Promise<TwoTakers>): void {
  function withBoth(body: (both: TwoTakers) => Promise<void>): () => Promise<void> {
    return async () => {
      const both = await open()
      try {
        await body(both)
      } finally {
        await both.close()
      }
    }
  }

  describe(`${name} keeps the contract of leases`, () => {
    test(
      'what one holds no other takes, and each name is its own',
      withBoth(async ({ ash, birch }) => {
        expect(await ash.acquire('upkeep', 'ash', TTL_MS)).toBe(1)
        expect(await birch.acquire('upkeep', 'birch', TTL_MS)).toBeNull()
        expect(await ash.acquire('upkeep', 'ash', TTL_MS)).toBeNull()
        expect(await birch.acquire('other', 'birch', TTL_MS)).toBe(1)
      }),
    )

    test(
      'what is released is taken at once, with a higher token',
      withBoth(async ({ ash, birch }) => {
        expect(await ash.acquire('upkeep', 'ash', TTL_MS)).toBe(1)
        await ash.release('upkeep', 1)
        expect(await birch.acquire('upkeep', 'birch', TTL_MS)).toBe(2)
        expect(await ash.acquire('upkeep', 'ash', TTL_MS)).toBeNull()
      }),
    )

    test(
      'who stands still for the whole ttl after it was first looked at is succeeded, and no sooner',
      withBoth(async ({ ash, birch, pass }) => {
        await ash.acquire('upkeep', 'ash', TTL_MS)
        pass(10 * TTL_MS)
        expect(await birch.acquire('upkeep', 'birch', 1)).toBeNull()
        pass(TTL_MS - 1)
        expect(await birch.acquire('upkeep', 'birch', 1)).toBeNull()
        pass(1)
        expect(await birch.acquire('upkeep', 'birch', 1)).toBe(2)
      }),
    )

    test(
      'who renews stays, however long',
      withBoth(async ({ ash, birch, pass }) => {
        await ash.acquire('upkeep', 'ash', TTL_MS)
        for (let round = 0; round < 5; round++) {
          expect(await birch.acquire('upkeep', 'birch', TTL_MS)).toBeNull()
          expect(await ash.renew('upkeep', 1)).toBe(true)
          pass(TTL_MS)
        }
        expect(await birch.acquire('upkeep', 'birch', TTL_MS)).toBeNull()
      }),
    )

    test(
      'a holder that was succeeded renews and releases nothing',
      withBoth(async ({ ash, birch, pass }) => {
        await ash.acquire('upkeep', 'ash', TTL_MS)
        await birch.acquire('upkeep', 'birch', TTL_MS)
        pass(TTL_MS)
        expect(await birch.acquire('upkeep', 'birch', TTL_MS)).toBe(2)
        expect(await ash.renew('upkeep', 1)).toBe(false)
        await ash.release('upkeep', 1)
        expect(await birch.renew('upkeep', 2)).toBe(true)
        await birch.release('upkeep', 2)
        expect(await birch.renew('upkeep', 2)).toBe(false)
      }),
    )

    test(
      'of two that find it free at once, one gets it',
      withBoth(async ({ ash, birch }) => {
        for (let round = 0; round < 10; round++) {
          const tokens = [
            await Promise.all([ash.acquire(`${round}`, 'ash', TTL_MS), ash.acquire(`${round}`, 'elm', TTL_MS)]),
            await birch.acquire(`${round}`, 'birch', TTL_MS),
          ].flat()
          expect(tokens.filter((token) => token !== null)).toEqual([1])
        }
      }),
    )
  })
}
