import { FolderIdSchema, NodeIdSchema } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { decide, GAP_MS, LONG_MS, type Standing, type Told } from './decide.ts'

const photos = FolderIdSchema.parse('photos')
const papers = FolderIdSchema.parse('papers')
const elm = NodeIdSchema.parse('elm')

test('what was so before anybody listened is not told', () => {
  const { told, alert } = decide(null, standing({ photos: 2, halts: ['a'] }), false)
  expect(alert).toBeNull()
  expect(decide(told, standing({ photos: 2, halts: ['a'], nowMs: 1 }), false).alert).toBeNull()
})

test('a new conflict is told once, with the way to it', () => {
  const { told, alert } = decide(quiet(), standing({ photos: 1 }), false)
  expect(alert).toMatchObject({ title: '1 new conflict in Photos', address: '/?view=conflicts&folder=photos' })
  expect(decide(told, standing({ photos: 1, nowMs: GAP_MS }), false).alert).toBeNull()
})

test('of more conflicts only the new ones are news', () => {
  const { told } = decide(quiet(), standing({ photos: 1 }), false)
  const { alert } = decide(told, standing({ photos: 4, nowMs: GAP_MS }), false)
  expect(alert).toMatchObject({ title: '3 new conflicts in Photos', body: '4 conflicts in all.' })
})

test('whoever looks at the page is told nothing, then or later', () => {
  const { told, alert } = decide(quiet(), standing({ photos: 1, halts: ['a'] }), true)
  expect(alert).toBeNull()
  expect(decide(told, standing({ photos: 1, halts: ['a'], nowMs: GAP_MS }), false).alert).toBeNull()
})

test('many things at once are one notification, the worst first', () => {
  const now = standing({ photos: 1, papers: 2, halts: ['a'], awaySinceMs: 0, nowMs: LONG_MS })
  const { alert } = decide(quiet(), now, false)
  expect(alert).toEqual({
    title: 'elm holds back a removal in a',
    body: 'It continues once you decide. 1 new conflict in Photos. 2 new conflicts in Papers. And 1 more thing.',
    address: '/settings?folder=photos',
  })
})

test('what comes up soon after a notification waits, and is told together', () => {
  let { told } = decide(quiet(), standing({ photos: 1 }), false)
  for (let nowMs = 1; nowMs < GAP_MS; nowMs += GAP_MS / 10) {
    const step = decide(told, standing({ photos: 1, papers: Math.ceil(nowMs / 1000), nowMs }), false)
    expect(step.alert).toBeNull()
    told = step.told
  }
  expect(decide(told, standing({ photos: 1, papers: 60, nowMs: GAP_MS }), false).alert?.title).toBe(
    '60 new conflicts in Papers',
  )
})

test('what was settled and comes back is told again', () => {
  let { told } = decide(quiet(), standing({ photos: 1, halts: ['a'] }), false)
  told = decide(told, standing({ nowMs: 1 }), false).told
  const { alert } = decide(told, standing({ photos: 1, halts: ['a'], nowMs: GAP_MS }), false)
  expect(alert?.body).toContain('1 new conflict in Photos.')
})

test('a node is told of when it has been offline for long, once, and again after it was back', () => {
  const at = (nowMs: number, awaySinceMs?: number) =>
    standing({ nowMs, ...(awaySinceMs !== undefined && { awaySinceMs }) })
  const early = decide(quiet(), at(LONG_MS - 1, 0), false)
  expect(early.alert).toBeNull()
  const late = decide(early.told, at(LONG_MS, 0), false)
  expect(late.alert).toMatchObject({ title: 'elm has been offline for 30 minutes', address: '/?node=elm' })
  const later = decide(late.told, at(3 * LONG_MS, 0), false)
  expect(later.alert).toBeNull()
  const back = decide(later.told, at(3 * LONG_MS + 1), false)
  expect(decide(back.told, at(5 * LONG_MS, 4 * LONG_MS), false).alert).not.toBeNull()
})

function quiet(): Told {
  return decide(null, standing({}), false).told
}

interface Given {
  readonly photos?: number
  readonly papers?: number
  readonly halts?: readonly string[]
  readonly awaySinceMs?: number
  readonly nowMs?: number
}

function standing({ photos: inPhotos, papers: inPapers, halts = [], awaySinceMs, nowMs = 0 }: Given): Standing {
  const conflicts = new Map<typeof photos, { name: string; open: number }>()
  if (inPhotos !== undefined) conflicts.set(photos, { name: 'Photos', open: inPhotos })
  if (inPapers !== undefined) conflicts.set(papers, { name: 'Papers', open: inPapers })
  return {
    nowMs,
    conflicts,
    halts: new Map(halts.map((key) => [key, { folder: photos, sentence: `elm holds back a removal in ${key}` }])),
    offline: new Map(awaySinceMs === undefined ? [] : [[elm, { name: 'elm', sinceMs: awaySinceMs }]]),
  }
}
