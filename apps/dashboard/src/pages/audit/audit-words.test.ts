import { expect, test } from 'vitest'
import { moment } from '../../parts/format.ts'
import { actionWords, detailWords } from './audit-words.ts'

test('what was done is said around the name of what it was done to', () => {
  expect(actionWords('device-lost')).toEqual(['Reported the node', 'lost'])
  expect(actionWords('folder-created')).toEqual(['Created the folder', ''])
})

test('details are said in words: names, times, lists, yes and no', () => {
  const details = [
    { name: 'expiresAt', value: '2026-11-30T10:47:02.376Z' },
    { name: 'folders', value: '["Photos","Papers"]' },
    { name: 'admin', value: 'true' },
    { name: 'path', value: 'a "quoted" name' },
  ]
  const at = moment(Date.parse('2026-11-30T10:47:02.376Z'))
  expect(detailWords({ details })).toBe(`expires: ${at} · folders: Photos, Papers · admin: yes · path: a "quoted" name`)
})
