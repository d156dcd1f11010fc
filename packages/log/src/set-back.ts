import { counterAfterSetBack, counterOf, withDot, type SetBack } from '@causeway/engine'
import { COORDINATOR_ID, DECISION_ID, BY_COORDINATOR, type Cursor, type FolderId } from '@causeway/protocol'
import type { FolderRow, MetadataReader } from '@causeway/store'
import { isoNow, type LogPorts } from './ports.ts'
import { currentEra, ERA_BYTES, type LogTags } from './log-tags.ts'
import { announceEvents, noteEvent } from './note-event.ts'

/** Nodes that come back later than this are not believed any more: what they hold comes in as new. */
const OFFERS_TAKEN_MS = 30 * 24 * 60 * 60_000

/**
 * How a cursor stands to the log. `borne-out`: the log holds it, or nobody can
 * say; `lost`: this coordinator gave it out, and the log no longer holds it;
 * `proof`: the same, and it was not known before that something was lost.
 */
export type Standing = 'borne-out' | 'lost' | 'proof'

export async function standingOf(
  tx: MetadataReader,
  { folder, tags }: { readonly folder: FolderRow; readonly tags: LogTags },
  cursor: Cursor,
): Promise<Standing> {
  const { seq, epoch, tag } = cursor
  if (seq === 0 || epoch !== folder.epoch || (seq === folder.head && tag === folder.tag)) return 'borne-out'
  const era = tags.eraOf(folder.id, cursor)
  if (era === null) return 'borne-out'
  const mark = seq <= folder.head ? await tx.logMark(folder.id, seq) : undefined
  if (mark?.seq === seq && mark.tag === tag) return 'borne-out'
  return folder.setBack?.past.includes(era) === true ? 'lost' : 'proof'
}

/**
 * Takes note that a folder's log was set back, if one of the cursors proves
 * so and it was not known. From then on, for a while, nodes may offer what was
 * lost. Each loss is taken note of once: an old proof that is shown again
 * opens nothing.
 */
export async function noteSetBack(ports: LogPorts, id: FolderId, cursors: readonly Cursor[]): Promise<void> {
  const { metadata, tags, clock, random, log } = ports
  const at = isoNow(clock)
  const era = random.hex(ERA_BYTES)
  const leap = Number.parseInt(random.hex(6), 16) / 2 ** 48
  const events = await metadata.write(async (tx) => {
    const folder = await tx.folder(id)
    if (folder === undefined) return []
    const eras: string[] = []
    for (const cursor of cursors) {
      const shown = tags.eraOf(id, cursor)
      if (shown !== null && (await standingOf(tx, { folder, tags }, cursor)) === 'proof') eras.push(shown)
    }
    if (eras.length === 0) return []
    const past = [...new Set([...(folder.setBack?.past ?? []), ...eras, currentEra(folder)])]
    const counter = counterAfterSetBack(folder.clock, leap)
    // The leap is the event itself: the next one of the coordinator's own.
    const decided = withDot(folder.clock, DECISION_ID, counterOf(folder.clock, DECISION_ID) + counter)
    const before = { ...folder, clock: withDot(decided, COORDINATOR_ID, counter - 1) }
    const reason = 'The coordinator had gone back to an older copy: nodes now send back what it is missing.'
    const noted = await noteEvent(tx, before, at, { kind: 'restore', reason, actor: BY_COORDINATOR })
    await tx.updateFolder(id, { setBack: { era, past, since: at, from: folder.clock } })
    return noted
  })
  if (events.length === 0) return
  log.warn({ folder: id }, 'the database turned out to be an older copy: nodes send back what it is missing')
  announceEvents(ports, events)
}

/** What the decision may know of a set-back, while offers are taken. */
export function openSetBack({ setBack }: FolderRow, at: string): SetBack | null {
  if (setBack === undefined || Date.parse(at) - Date.parse(setBack.since) > OFFERS_TAKEN_MS) return null
  return { from: setBack.from }
}
