import fc from 'fast-check'
import { expect, test } from 'vitest'
import { markdownHtml } from './markdown-html.ts'

test('headings, lists, tables and code are shown as such', () => {
  const html = markdownHtml('# Tides\n\n- low\n- high\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n`x < y`')
  for (const part of ['<h1>Tides</h1>', '<li>low</li>', '<td>1</td>', '<code>x &lt; y</code>'])
    expect(html).toContain(part)
})

test.each([
  [
    'markup',
    '<img src=x onerror=alert(1)>\n\n<script>alert(1)</script>\n\na <b onclick=alert(1)>b</b>',
    /<(img|script|b)\b/,
  ],
  ['an address that runs something', '[a](javascript:alert(1)) [b](JAVASCRIPT:alert(1)) [c](data:text/html,x)', /href/],
  ['a picture from elsewhere', '![a](https://elsewhere.example/pixel.png)', /<img/],
  ['a link within the page', '[a](/api/v1/session) [b](#main)', /href/],
])('%s in a file does nothing', (_what, text, wrong) => {
  expect(markdownHtml(text)).not.toMatch(wrong)
})

test('a link to another site opens by itself and tells nobody where one came from', () => {
  expect(markdownHtml('[a](https://example.org/?a="b)')).toContain(
    '<a href="https://example.org/?a=%22b" target="_blank" rel="noopener noreferrer">a</a>',
  )
})

test('whatever is in a file, only what Markdown has comes out', () => {
  const piece = fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '<script',
    'onload=',
    '[',
    '](',
    ')',
    '![',
    '`',
    '\n',
    '|',
    '&lt;',
    'x',
    ' ',
    '<a href="',
    'https://x',
  )
  const tags =
    /^(?:[^<]|<\/?(?:p|em|strong|code|pre|a|ul|ol|li|h[1-6]|blockquote|hr|br|del|table|thead|tbody|tr|th|td|input|section|sup)(?: [^<>]*)?>)*$/
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
      expect(markdownHtml(pieces.join(''))).toMatch(tags)
    }),
  )
})
