/** What is chosen in a list, by the ids of its rows; the cursor is the row that keys act on. */
export interface Selection {
  /** Those that are chosen or, where everything is, those that are not. */
  readonly marked: ReadonlySet<string>
  /** Everything in the directory, with what is not loaded. */
  readonly everything: boolean
  readonly cursor: string | null
  /** Where a stretch chosen with Shift begins. */
  readonly anchor: string | null
}

export const NOTHING_CHOSEN: Selection = { marked: new Set(), everything: false, cursor: null, anchor: null }

/** One row alone, and the cursor on it. */
export function only(key: string): Selection {
  return { marked: new Set([key]), everything: false, cursor: key, anchor: key }
}

export function isChosen({ marked, everything }: Selection, key: string): boolean {
  return marked.has(key) !== everything
}

/** How many are chosen of so many in all. */
export function countChosen({ marked, everything }: Selection, total: number): number {
  return everything ? Math.max(0, total - marked.size) : marked.size
}

export interface Held {
  readonly shift: boolean
  /** Ctrl, or Cmd where that is its key. */
  readonly ctrl: boolean
}

/** A click chooses one; with Ctrl it adds or takes away, with Shift it chooses the stretch from the last one. */
export function click(now: Selection, keys: readonly string[], key: string, { shift, ctrl }: Held): Selection {
  if (shift) return stretch(now, keys, key)
  if (ctrl) return toggle(now, key)
  return only(key)
}

export function toggle({ marked, everything }: Selection, key: string): Selection {
  const next = new Set(marked)
  if (!next.delete(key)) next.add(key)
  return { marked: next, everything, cursor: key, anchor: key }
}

/** Moves the cursor by so many rows, staying in the list; with Shift everything on the way is chosen. */
export function step(now: Selection, keys: readonly string[], by: number, shift: boolean): Selection {
  if (keys.length === 0) return now
  const at = now.cursor === null ? -1 : keys.indexOf(now.cursor)
  const to = at === -1 ? (by > 0 ? 0 : keys.length - 1) : Math.min(keys.length - 1, Math.max(0, at + by))
  const cursor = keys[to] ?? null
  if (cursor === null) return now
  return shift ? stretch(now, keys, cursor) : { ...now, cursor, anchor: cursor }
}

/** All rows; where there are more than are loaded, or very many, everything in the directory. */
export function all(now: Selection, keys: readonly string[], isEverything: boolean): Selection {
  return { ...now, everything: isEverything, marked: new Set(isEverything ? [] : keys) }
}

export function none(now: Selection): Selection {
  return now.marked.size === 0 && !now.everything ? now : { ...now, everything: false, marked: new Set() }
}

/** Forgets what is no longer in the list. The cursor goes to the row that took its row's place. */
export function keep(now: Selection, before: readonly string[], keys: readonly string[]): Selection {
  if (now.cursor === null && now.anchor === null && now.marked.size === 0 && !now.everything) return now
  // What comes into an empty directory was never chosen.
  if (keys.length === 0) return { ...NOTHING_CHOSEN }
  const known = new Set(keys)
  const stays = (key: string | null): boolean => key === null || known.has(key)
  if (stays(now.cursor) && stays(now.anchor) && [...now.marked].every((key) => known.has(key))) return now
  const cursor = stays(now.cursor)
    ? now.cursor
    : (keys[Math.min(before.indexOf(now.cursor ?? ''), keys.length - 1)] ?? null)
  return {
    everything: now.everything,
    marked: new Set([...now.marked].filter((key) => known.has(key))),
    cursor,
    anchor: stays(now.anchor) ? now.anchor : cursor,
  }
}

/** What an action is for, of the rows that are loaded: what is chosen, else the row under the cursor. */
export function targets<R extends { readonly id: string }>(now: Selection, rows: readonly R[]): readonly R[] {
  if (now.marked.size > 0 || now.everything) return rows.filter(({ id }) => isChosen(now, id))
  return rows.filter(({ id }) => id === now.cursor)
}

function stretch({ anchor, cursor }: Selection, keys: readonly string[], key: string): Selection {
  const from = keys.indexOf(anchor ?? cursor ?? key)
  const to = keys.indexOf(key)
  if (from === -1 || to === -1) return only(key)
  return {
    everything: false,
    marked: new Set(keys.slice(Math.min(from, to), Math.max(from, to) + 1)),
    cursor: key,
    anchor: keys[from] ?? key,
  }
}
