import { expect, test } from 'vitest'
import { PageForms } from './page-forms.ts'

test('a page that can’t be read is asked for whole, then in halves, and at last not at all', () => {
  const pages = new PageForms()
  const asked: string[] = []
  for (;;) {
    const form = pages.next(false)
    asked.push(`${form.limit}${form.full ? ' full' : ''}`)
    if (!pages.failed(form, 'no')) break
  }
  expect(asked.slice(0, 4)).toEqual(['1000', '1000 full', '500 full', '250 full'])
  expect(asked.at(-1)).toBe('1 full')
  expect(new Set(asked).size).toBe(asked.length)
})

test('pages grow again as they are read, and no further than usual', () => {
  const pages = new PageForms()
  for (let time = 0; time < 3; time++) pages.failed(pages.next(false), 'no')
  const sizes: number[] = []
  for (let time = 0; time < 4; time++) {
    const form = pages.next(false)
    sizes.push(form.limit)
    pages.read(form)
  }
  expect(sizes).toEqual([250, 500, 1000, 1000])
})

test('at the end of the log the usual form is asked for again, and the trouble is named once', () => {
  const pages = new PageForms()
  pages.failed(pages.next(false), 'a field is missing')
  expect(pages.finish()).toBe('a field is missing')
  expect(pages.next(false)).toEqual({ limit: 1000, full: false })
  expect(pages.finish()).toBeNull()
})

test('who asks in full is not answered in a shorter form', () => {
  expect(new PageForms().next(true).full).toBe(true)
})
