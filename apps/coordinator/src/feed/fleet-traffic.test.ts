import { NodeIdSchema, type NodeTraffic } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createFleetTraffic } from './fleet-traffic.ts'

test('what each coordinator last said is put together, and what is old is left out', () => {
  let now = 0
  const traffic = createFleetTraffic(() => now)
  expect(traffic.with({ from: 'a', nodes: [rate('ada', 1), rate('bob', 2)] })).toEqual([rate('ada', 1), rate('bob', 2)])
  now = 1_000
  const both = traffic.with({ from: 'b', nodes: [rate('cara', 3), rate('bob', 4)] })
  expect(both).toEqual([rate('ada', 1), rate('bob', 4), rate('cara', 3)])
  now = 3_500
  expect(traffic.with({ from: 'b', nodes: [rate('cara', 5)] })).toEqual([rate('cara', 5)])
})

function rate(node: string, upBytesPerSecond: number): NodeTraffic {
  return { node: NodeIdSchema.parse(node), upBytesPerSecond, downBytesPerSecond: 0, roundTripMs: null }
}
