import { LOG_START, onlyChunkOf, ROOT_ID, type EntryId, type EntryState } from '@causeway/protocol'
import { MemoryFolder } from '@causeway/testkit'
import { hashOfText } from './contents.ts'
import { OfflineAuthor, type Act } from './offline-author.ts'

const NODES = ['atlas', 'birch', 'cedar'] as const
const TEXTS = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'old y', 'old x', 'old f']
const SEED: readonly Act[] = [
  { kind: 'create', parent: 0, name: 'd', text: null, mode: 0o755 },
  { kind: 'create', parent: 1, name: 's', text: null, mode: 0o755 },
  { kind: 'create', parent: 2, name: 'y', text: 'old y', mode: 0o644 },
  { kind: 'create', parent: 1, name: 'x', text: 'old x', mode: 0o644 },
  { kind: 'create', parent: 0, name: 'f', text: 'old f', mode: 0o644 },
  { kind: 'create', parent: 0, name: 'e', text: null, mode: 0o755 },
]

/** The same with symlinks for `x` and `f`. */
export const LINKED_SEED = SEED.map((act) =>
  act.kind === 'create' && (act.name === 'x' || act.name === 'f') ? { ...act, isLink: true } : act,
)

export interface Scene {
  readonly folder: MemoryFolder
  readonly start: ReturnType<MemoryFolder['save']>
  readonly authors: readonly OfflineAuthor[]
  readonly isDistinct: boolean
}

/**
 * A folder that all nodes know, and what each then does without hearing of the
 * others. Where `distinct`, no two files are created with the same text: after
 * two became one, what their nodes do next counts for both (see `same-bytes.test.ts`).
 */
export function sceneOf(acts: readonly (readonly Act[])[], distinct = false, seed = SEED): Scene {
  const folder = new MemoryFolder(() => '2026-11-22T14:03:07.000Z')
  for (const content of TEXTS) {
    folder.upload([{ hash: onlyChunkOf(hashOfText(content)), bytes: new TextEncoder().encode(content) }])
  }
  const founder = new OfflineAuthor('founder', [], {})
  for (const act of seed) founder.act(act)
  for (const request of founder.requests) commit(folder, founder, request)
  const { states, clock } = folder.changes({ cursor: LOG_START, limit: 4096 })
  const authors = acts.map((own, index) => {
    const author = new OfflineAuthor(NODES[index] ?? 'delta', states, clock)
    for (const [turn, act] of own.entries()) author.act(distinct ? { ...act, ...textOf(act, 3 * index + turn) } : act)
    return author
  })
  return { folder, start: folder.save(), authors, isDistinct: distinct }
}

/** A text that nobody else writes, for what is new. */
function textOf(act: Act, nth: number): { text?: string } {
  const own = TEXTS[nth % 9]
  const isOfNew = (act.kind === 'create' && act.text !== null) || (act.kind === 'edit' && act.entry >= SEED.length)
  return isOfNew && own !== undefined ? { text: own } : {}
}

function commit(folder: MemoryFolder, { id }: OfflineAuthor, request: OfflineAuthor['requests'][number]): string {
  const [outcome] = folder.commit({ id, name: id, access: 'read-write' }, request).outcomes
  return outcome?.kind === 'refused' ? outcome.refusal : (outcome?.kind ?? 'none')
}

/** Every way to merge the nodes' requests, each node's own in their order. */
function interleavings(counts: readonly number[]): readonly (readonly number[])[] {
  if (counts.every((count) => count === 0)) return [[]]
  return counts.flatMap((count, node) => {
    if (count === 0) return []
    const rest = counts.map((other, index) => (index === node ? other - 1 : other))
    return interleavings(rest).map((order) => [node, ...order])
  })
}

interface Outcome {
  readonly order: string
  readonly outcomes: readonly string[]
  readonly hasCircle: boolean
  readonly live: readonly EntryState[]
}

function outcomesOf({ folder, start, authors }: Scene): readonly Outcome[] {
  return interleavings(authors.map(({ requests }) => requests.length)).map((order) => {
    folder.restore(start)
    const { length: before } = folder.events
    const next = authors.map(() => 0)
    const outcomes = order.map((index) => {
      const author = authors[index]
      const request = author?.requests[next[index] ?? 0]
      next[index] = (next[index] ?? 0) + 1
      return author === undefined || request === undefined ? 'none' : commit(folder, author, request)
    })
    const hasCircle = folder.events.slice(before).some(({ decision }) => decision === 'refused')
    return {
      order: order.map((index) => NODES[index]).join(' '),
      outcomes,
      hasCircle,
      live: [...folder.paths().values()],
    }
  })
}

/** What an entry holds, whatever its name. */
function labelOf({ content }: EntryState): string {
  if (content.kind === 'symlink') return `-> ${content.target}`
  const mode = content.mode.toString(8)
  const named = TEXTS.find((text) => content.kind === 'file' && content.hash === hashOfText(text))
  return content.kind === 'file' ? `${named ?? content.hash} ${mode}` : `/ ${mode}`
}

/** The tree without its names: which of two rivals has a name may differ. */
function shapeOf(live: readonly EntryState[], parent: EntryId = ROOT_ID): string {
  const children = live.filter((state) => state.parent === parent)
  return `[${children
    .map((child) => labelOf(child) + (child.content.kind === 'directory' ? shapeOf(live, child.id) : ''))
    .sort()
    .join(', ')}]`
}

/** What lives by itself: a directory that was deleted may be needed at the one place, and not at the other. */
function labelsOf(live: readonly EntryState[]): string {
  const byItself = live.filter(({ reachedBy = [] }) => !reachedBy.some(({ ends }) => ends))
  return byItself.map(labelOf).sort().join(', ')
}

/** The same, each text once: what was moved becomes one with what holds the same bytes at the one place, and not at the other. */
function textsOf(live: readonly EntryState[]): string {
  const byItself = live.filter(
    ({ content, reachedBy = [] }) => content.kind !== 'directory' && !reachedBy.some(({ ends }) => ends),
  )
  return [...new Set(byItself.map((state) => labelOf(state).replace(/ \d+$/, '')))].sort().join(', ')
}

/** True if two nodes gave one entry different places, or moves would have closed a circle: one of them wins. */
function hasRivalPlaces({ authors }: Scene, outcomes: readonly Outcome[]): boolean {
  const moved = authors.flatMap((author) => [...author.moved])
  const circles = outcomes.some(({ hasCircle }) => hasCircle)
  return circles || new Set(moved).size < moved.length
}

/** One line for each outcome that some order of arrival gives. */
export function outcomesByShape(scene: Scene): ReadonlyMap<string, string> {
  const outcomes = outcomesOf(scene)
  const of = !hasRivalPlaces(scene, outcomes) ? shapeOf : scene.isDistinct ? labelsOf : textsOf
  return new Map(outcomes.map((outcome) => [of(outcome.live), `${outcome.order}: ${outcome.outcomes.join(' ')}`]))
}

/** The same where the same bytes may live once or twice, in one of two places: what is told apart is which bytes live. */
export function outcomesByTexts(scene: Scene): ReadonlyMap<string, string> {
  return new Map(
    outcomesOf(scene).map((outcome) => [textsOf(outcome.live), `${outcome.order}: ${outcome.outcomes.join(' ')}`]),
  )
}
