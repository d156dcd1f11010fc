import { expect, test } from 'vitest'
import { withSection } from './doc-sections.ts'

test('a section is added once and replaced from then on, and the page around it stands', () => {
  const first = withSection('# Page\n', 'peers', 'one')
  expect(first).toBe('# Page\n\n<!-- peers: begin -->\none\n<!-- peers: end -->\n')
  const around = first.replace('# Page', '# Page with more').concat('\nthe end\n')
  const second = withSection(around, 'peers', 'two\n')
  expect(second).toBe('# Page with more\n\n<!-- peers: begin -->\ntwo\n<!-- peers: end -->\n\nthe end\n')
  expect(withSection(second, 'peers', 'two')).toBe(second)
})
