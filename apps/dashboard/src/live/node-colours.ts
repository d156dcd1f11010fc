import type { NodeView } from '@causeway/protocol'

// Okabe–Ito, without the yellow that is unreadable on white.
const COLOURS = ['#0072b2', '#e69f00', '#009e73', '#cc79a7', '#56b4e9', '#d55e00', '#8a6fdf'] as const
/** The coordinator, and nodes that were removed. */
export const NO_NODE = '#7a8594'

/** Each node's colour, by its place in the order of joining: the same on every page, in every browser, forever. */
export function nodeColours(nodes: Iterable<Pick<NodeView, 'id' | 'ordinal'>>): ReadonlyMap<string, string> {
  return new Map(
    [...nodes].map(({ id, ordinal }) => {
      return [id, ordinal === undefined ? NO_NODE : (COLOURS[ordinal % COLOURS.length] ?? NO_NODE)]
    }),
  )
}
