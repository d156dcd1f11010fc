import { NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { createTraffic } from './traffic.ts'

const ash = NodeIdSchema.parse('ash')
const oak = NodeIdSchema.parse('oak')

function socketOf() {
  return { bytesRead: 0, bytesWritten: 0, destroyed: false }
}

test('what crossed since the last look is told as rates by node, over all its sockets', () => {
  let nowMs = 0
  const traffic = createTraffic(() => nowMs)
  const [one, two, other] = [socketOf(), socketOf(), socketOf()]
  traffic.attach(one, ash)
  traffic.attach(two, ash)
  traffic.attach(other, oak)
  one.bytesRead = 300
  two.bytesRead = 100
  two.bytesWritten = 50
  nowMs = 2000
  expect(traffic.sample()).toEqual([{ node: ash, upBytesPerSecond: 200, downBytesPerSecond: 25, roundTripMs: null }])
})

test('a rate that falls to nothing is told once, and then no more', () => {
  let nowMs = 0
  const traffic = createTraffic(() => nowMs)
  const socket = socketOf()
  traffic.attach(socket, ash)
  traffic.roundTrip(ash, 7)
  socket.bytesRead = 10
  const rates = () => {
    nowMs += 1000
    return traffic.sample().map(({ upBytesPerSecond, roundTripMs }) => [upBytesPerSecond, roundTripMs])
  }
  expect([rates(), rates(), rates()]).toEqual([[[10, 7]], [[0, 7]], []])
})

test('what one node gave another is told as a rate, and the link between them for a while after', () => {
  let nowMs = 0
  const traffic = createTraffic(() => nowMs)
  traffic.peerGave(oak, ash, 300)
  traffic.peerGave(oak, ash, 100)
  const links = (afterMs: number) => {
    nowMs += afterMs
    return traffic.sample().map(({ node, fromPeers }) => [node, fromPeers])
  }
  expect(links(2000)).toEqual([[ash, [{ node: oak, bytesPerSecond: 200 }]]])
  expect(links(1000)).toEqual([[ash, [{ node: oak, bytesPerSecond: 0 }]]])
  links(30_000)
  expect(links(1000)).toEqual([])
})

test('what a socket carried before it ended is counted, and then it is forgotten', () => {
  let nowMs = 0
  const traffic = createTraffic(() => nowMs)
  const socket = socketOf()
  traffic.attach(socket, ash)
  socket.bytesWritten = 5
  socket.destroyed = true
  nowMs = 1000
  expect(traffic.sample()).toHaveLength(1)
  socket.bytesWritten = 99
  nowMs = 2000
  traffic.sample()
  nowMs = 3000
  expect(traffic.sample()).toEqual([])
})

test('a socket over which another node comes is counted for each in its time', () => {
  let nowMs = 0
  const traffic = createTraffic(() => nowMs)
  const socket = socketOf()
  traffic.attach(socket, ash)
  socket.bytesRead = 10
  traffic.attach(socket, oak)
  socket.bytesRead = 30
  nowMs = 1000
  expect(traffic.sample().map(({ node, upBytesPerSecond }) => [node, upBytesPerSecond])).toEqual([
    [ash, 10],
    [oak, 20],
  ])
})
