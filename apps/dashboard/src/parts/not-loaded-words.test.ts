import { expect, test } from 'vitest'
import { notLoadedWords } from './not-loaded-words.ts'

test('while the coordinator is away, that is the reason, and there is nothing to do', () => {
  const { title, text } = notLoadedWords('The chart', 'lost')
  expect(title).toBe('The chart could not be loaded')
  expect(text).toMatch(/cannot be reached.*loads once the coordinator is back/)
})

test('while it is there, the page may be older than the program', () => {
  expect(notLoadedWords('The chart', 'live').text).toMatch(/reload the page/)
})
