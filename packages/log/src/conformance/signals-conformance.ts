import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { describe, expect, test } from 'vitest'
import type { SignalKeys, Signals } from '../signals.ts'

/** Two who serve one store. Where they are one process, both are the same. */
export interface TwoPlaces {
  readonly ash: Signals
  readonly birch: Signals
  close(): Promise<void>
}

const DOCS = FolderIdSchema.parse('docs')
const LAPTOP = NodeIdSchema.parse('laptop')

/** What `Signals` must do, as tests. `open` gives two places that nobody else can hear. */
export function signalsConformance(name: string, open: () => Promise<TwoPlaces>): void {
  function withBoth(body: (both: TwoPlaces) => Promise<void>): () => Promise<void> {
    return async () => {
      const both = await open()
      try {
        await body(both)
      } finally {
        await both.close()
      }
    }
  }

  describe(`${name} keep the contract of signals`, () => {
    test(
      'what is said is heard where it was said at once, in order and once',
      withBoth(async ({ ash, birch }) => {
        const heard: unknown[] = []
        ash.subscribe('change', (key) => heard.push(key))
        const folders = ['a', 'b', 'a'].map((id) => FolderIdSchema.parse(id))
        for (const folder of folders) ash.publish('change', { folder })
        expect(heard).toEqual(folders.map((folder) => ({ folder })))
        await passed(ash, birch)
        await passed(birch, ash)
        expect(heard).toHaveLength(folders.length)
      }),
    )

    test(
      'what is said at one place is heard at the other, whole and by its topic alone',
      withBoth(async ({ ash, birch }) => {
        const said: SignalKeys = {
          change: { folder: DOCS },
          events: {},
          node: { node: LAPTOP },
          access: { folder: DOCS, node: LAPTOP },
          assigned: { folder: DOCS, node: LAPTOP },
          'delete-brake': { folder: DOCS },
          damage: {},
          revoked: { node: LAPTOP },
          'sign-ins': {},
          missed: {},
        }
        const heard: [string, unknown][] = []
        const listen = <Topic extends keyof SignalKeys>(topic: Topic): void => {
          birch.subscribe(topic, (key) => heard.push([topic, key]))
        }
        const say = <Topic extends keyof SignalKeys>(topic: Topic): void => ash.publish(topic, said[topic])
        const carried = ['change', 'events', 'node', 'access', 'assigned', 'delete-brake', 'damage', 'revoked'] as const
        for (const topic of carried) listen(topic)
        for (const topic of carried) say(topic)
        await expect.poll(() => heard.length, { timeout: 10_000 }).toBe(carried.length)
        expect(new Map(heard)).toEqual(new Map(carried.map((topic) => [topic, said[topic]])))
      }),
    )

    test(
      'a listener that throws hurts no other, and one that has stopped hears nothing',
      withBoth(async ({ ash, birch }) => {
        const heard: string[] = []
        birch.subscribe('change', () => {
          throw new Error('no')
        })
        const stop = birch.subscribe('change', () => heard.push('stopped'))
        birch.subscribe('change', () => heard.push('listens'))
        stop()
        ash.publish('change', { folder: DOCS })
        await expect.poll(() => heard, { timeout: 10_000 }).toEqual(['listens'])
      }),
    )

    test(
      'of very many words at once, the last of each comes through',
      withBoth(async ({ ash, birch }) => {
        const heard = new Set<string>()
        birch.subscribe('node', ({ node }) => heard.add(node))
        const nodes = Array.from({ length: 500 }, (_, at) => NodeIdSchema.parse(`node${at}`))
        for (const node of [...nodes, ...nodes]) ash.publish('node', { node })
        await expect.poll(() => heard.size, { timeout: 10_000 }).toBe(nodes.length)
      }),
    )
  })
}

/** Resolves once a word from one has come to the other: those before it have, too. */
async function passed(from: Signals, to: Signals): Promise<void> {
  let isHeard = false
  const stop = to.subscribe('damage', () => (isHeard = true))
  from.publish('damage', {})
  await expect.poll(() => isHeard, { timeout: 10_000 }).toBe(true)
  stop()
}
