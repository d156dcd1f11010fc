import { expect, test } from 'vitest'
import { FolderIdSchema } from '@causeway/protocol'
import { stateOption } from '../state/locations.ts'
import { formerLines, offerLines } from './assignment-lines.ts'

const folder = FolderIdSchema.parse('our-photos')

test('an offer names the command that takes it, and why it was not taken by itself', () => {
  const offer = { folder, name: 'Our photos', access: 'read-write', reason: null, formerDirectory: null } as const
  expect(offerLines([offer], '')).toEqual([
    `! Our photos is offered to this node (read-write): "causeway accept 'Our photos' DIR" accepts it; "causeway decline 'Our photos'" declines it`,
  ])
  expect(
    offerLines([{ ...offer, reason: '/s/Our photos holds something already', formerDirectory: '/p' }], ''),
  ).toEqual([
    `! Our photos is offered to this node (read-write): "causeway accept 'Our photos'" accepts it, where it was before: /p; "causeway decline 'Our photos'" declines it`,
    '  not accepted automatically: /s/Our photos holds something already',
  ])
})

test('where the node keeps its state elsewhere, its commands name that place', () => {
  const offer = { folder, name: 'Photos', access: 'read-write', reason: null, formerDirectory: null } as const
  const [line] = offerLines([offer], stateOption('/srv/my state', {}))
  expect(line).toContain(`"causeway accept Photos DIR --state '/srv/my state'" accepts it`)
  expect(line).toContain(`"causeway decline Photos --state '/srv/my state'" declines it`)
  expect(stateOption('/srv/state', { CAUSEWAY_STATE: '/srv/state' })).toBe('')
})

test('what is synced no longer is told for a month, with where its files are', () => {
  const ended = {
    folder,
    name: 'Photos',
    directory: '/p',
    why: 'taken-away',
    endedAt: '2026-11-22T12:00:00.000Z',
  } as const
  const then = Date.parse(ended.endedAt)
  expect(formerLines([ended], then + 86_400_000)).toEqual([
    'Photos is no longer synced here: it was taken away from this node at the coordinator. Its files stay in /p.',
  ])
  expect(formerLines([ended], then + 31 * 86_400_000)).toEqual([])
})
