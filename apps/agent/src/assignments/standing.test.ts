import { expect, test } from 'vitest'
import { FolderIdSchema, type CarriedFolder } from '@causeway/protocol'
import { isDoubtful, standingOf } from './standing.ts'

const WORK = FolderIdSchema.parse('work')
const PHOTOS = FolderIdSchema.parse('photos')
const work: Pick<CarriedFolder, 'id' | 'name' | 'access'> = { id: WORK, name: 'Work', access: 'read-write' }
const photos = { id: PHOTOS, name: 'Photos', access: 'send-only' } as const

test('a folder that is not named has not ended: only what is said to have ended has', () => {
  const nothing = { offers: [], ended: [] }
  expect(standingOf([WORK], { carried: [], assignments: nothing })).toEqual({ ended: [], offers: [] })
  const gone = { offers: [], ended: [{ id: WORK, why: 'folder-removed' as const }] }
  expect(standingOf([WORK], { carried: [], assignments: gone }).ended).toEqual([{ id: WORK, why: 'folder-removed' }])
})

test('a folder that is carried has not ended, whatever was said before', () => {
  const assignments = { offers: [], ended: [{ id: WORK, why: 'taken-away' as const }] }
  expect(standingOf([WORK], { carried: [work], assignments })).toEqual({ ended: [], offers: [] })
})

test('what was taken away and given again ends first, and is an offer then', () => {
  const assignments = { offers: [photos], ended: [] }
  const told = { carried: [], assignments }
  expect(standingOf([PHOTOS], told)).toEqual({ ended: [{ id: PHOTOS, why: 'taken-away' }], offers: [photos] })
  expect(standingOf([], told)).toEqual({ ended: [], offers: [photos] })
})

test('a folder that is carried and has no directory here wants for one', () => {
  const told = { carried: [work, photos], assignments: { offers: [], ended: [] } }
  expect(standingOf([WORK], told)).toEqual({ ended: [], offers: [photos] })
})

test('only what speaks against a directory here is doubtful', () => {
  const told = { offers: [photos], ended: [{ id: WORK, why: 'taken-away' as const }] }
  expect(isDoubtful([], told)).toBe(false)
  expect(isDoubtful([WORK], told)).toBe(true)
  expect(isDoubtful([PHOTOS], told)).toBe(true)
})
