/** Who asks, whom, and from which page. Of two lines, a proxy in front may go by the one and this program by the other. */
const ONCE = new Set(['host', 'authorization', 'origin'])

/** The name of a header that a request may have once and has more often, or null; names and values as Node lists them, in turn. */
export function saidTwice(rawHeaders: readonly string[]): string | null {
  const seen = new Set<string>()
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at]?.toLowerCase() ?? ''
    if (!ONCE.has(name)) continue
    if (seen.has(name)) return name
    seen.add(name)
  }
  return null
}
