/** What is chosen in a list, by the ids of its rows; the cursor is the row that keys act on. */
export interface Selection {
  readonly chosen: ReadonlySet<string>
  readonly cursor: string | null
  /** Where a stretch chosen with Shift begins. */
  readonly anchor: string | null
}

export const NOTHING_CHOSEN: Selection = { chosen: new Set(), cursor: null, anchor: null }

export interface Held {
  readonly shift: boolean
  /** Ctrl, or Cmd where that is its key. */
  readonly ctrl: boolean
}

/** A click chooses one; with Ctrl it adds or takes away, with Shift it chooses the stretch from the last one. */
export function click(now: Selection, keys: readonly string[], key: string, { shift, ctrl }: Held): Selection {
  if (shift) return stretch(now, keys, key)
  if (ctrl) return toggle(now, key)
  return { chosen: new Set([key]), cursor: key, anchor: key }
}

export function toggle({ chosen }: Selection, key: string): Selection {
  const next = new Set(chosen)
  if (!next.delete(key)) next.add(key)
  return { chosen: next, cursor: key, anchor: key }
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

export function all(now: Selection, keys: readonly string[]): Selection {
  return { ...now, chosen: new Set(keys) }
}

export function none(now: Selection): Selection {
  return now.chosen.size === 0 ? now : { ...now, chosen: new Set() }
}

/** Forgets what is no longer in the list. The cursor goes to the row that took its row's place. */
export function keep(now: Selection, before: readonly string[], keys: readonly string[]): Selection {
  if (now.cursor === null && now.anchor === null && now.chosen.size === 0) return now
  const known = new Set(keys)
  const stays = (key: string | null): boolean => key === null || known.has(key)
  if (stays(now.cursor) && stays(now.anchor) && [...now.chosen].every((key) => known.has(key))) return now
  const cursor = stays(now.cursor)
    ? now.cursor
    : (keys[Math.min(before.indexOf(now.cursor ?? ''), keys.length - 1)] ?? null)
  return {
    chosen: new Set([...now.chosen].filter((key) => known.has(key))),
    cursor,
    anchor: stays(now.anchor) ? now.anchor : cursor,
  }
}

/** What an action is for: what is chosen, else the row under the cursor. */
export function targets<R extends { readonly id: string }>(now: Selection, rows: readonly R[]): readonly R[] {
  if (now.chosen.size > 0) return rows.filter(({ id }) => now.chosen.has(id))
  return rows.filter(({ id }) => id === now.cursor)
}

function stretch({ anchor, cursor }: Selection, keys: readonly string[], key: string): Selection {
  const from = keys.indexOf(anchor ?? cursor ?? key)
  const to = keys.indexOf(key)
  if (from === -1 || to === -1) return { chosen: new Set([key]), cursor: key, anchor: key }
  return {
    chosen: new Set(keys.slice(Math.min(from, to), Math.max(from, to) + 1)),
    cursor: key,
    anchor: keys[from] ?? key,
  }
}
