// Okabe–Ito, without the yellow that is unreadable on white; grey for whoever comes after the seventh.
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a6fdf'] as const

const given = new Map<string, string>()

/** A node's colour: the same on every page. */
export function nodeColour(node: string): string {
  const known = given.get(node)
  if (known !== undefined) return known
  const colour = node === 'coordinator' ? '#7a8594' : (COLOURS[given.size % COLOURS.length] ?? COLOURS[0])
  given.set(node, colour)
  return colour
}
