import { expect, inject, onTestFinished, test } from 'vitest'
import { openS3PackObjects, parseS3Place } from '@causeway/store'
import { systemRandom, systemTimers } from '@causeway/time'
import { packObjectsConformance } from '../../packages/store/src/conformance/pack-objects-conformance.ts'

const { endpoint, bucket, env } = inject('s3')
Object.assign(process.env, env)
let places = 0

packObjectsConformance('Ceph’s object gateway', () => place())

test('of two that save other bytes under one name at once, one is refused', async () => {
  const objects = await place()
  const bytes = [Buffer.alloc(100_000, 1), Buffer.alloc(100_000, 2)]
  const saves = await Promise.allSettled(bytes.map((each) => objects.save('00000001', each)))
  expect(saves.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
  const winner = bytes[saves.findIndex(({ status }) => status === 'fulfilled')]
  expect(
    Buffer.from(await objects.read('00000001', { offset: 0, length: 100_000 })).equals(winner ?? Buffer.alloc(0)),
  ).toBe(true)
})

test('more packs than fit in one answer are listed and removed', async () => {
  const objects = await place()
  const packs = Array.from({ length: 1100 }, (_, index) => String(index).padStart(8, '0'))
  for (let at = 0; at < packs.length; at += 50) {
    await Promise.all(packs.slice(at, at + 50).map((pack) => objects.save(pack, Buffer.from(pack))))
  }
  expect(await objects.list()).toHaveLength(1100)
  await objects.remove(packs)
  expect(await objects.list()).toEqual([])
})

async function place() {
  const text = `s3://${bucket}/place-${process.pid}-${++places}?endpoint=${endpoint}`
  const objects = await openS3PackObjects({ place: parseS3Place(text), timers: systemTimers, random: systemRandom })
  onTestFinished(() => objects.close())
  return objects
}
