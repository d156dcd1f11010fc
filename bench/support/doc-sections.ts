const mark = (name: string, end: 'begin' | 'end'): string => `<!-- ${name}: ${end} -->`

/** Puts text between a section's two marks. A page that has no such section gets it at its end. */
export function withSection(page: string, name: string, text: string): string {
  const section = `${mark(name, 'begin')}\n${text.trim()}\n${mark(name, 'end')}`
  const [from, to] = [page.indexOf(mark(name, 'begin')), page.indexOf(mark(name, 'end'))]
  if (from === -1 || to < from) return `${page.trimEnd()}\n\n${section}\n`
  return `${page.slice(0, from)}${section}${page.slice(to + mark(name, 'end').length)}`
}
