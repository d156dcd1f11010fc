import { basePath, type BaseEntry, type BaseView } from '@causeway/engine'
import { LIMITS, shortened, type EntryId, type HeldDirectory, type HeldReport } from '@causeway/protocol'

/**
 * Counts what a removal takes away, by the directories that a person would
 * name: the topmost one that goes whole, or the one that stays and loses files.
 */
export function removalFacts(base: BaseView, removed: ReadonlySet<EntryId>, from: HeldReport['from']): HeldReport {
  const groups = new Map<EntryId, { whole: boolean; files: number; bytes: number }>()
  const tops = new Map<EntryId, EntryId>()

  /** The topmost directory that goes with an entry; the entry's own directory where that stays. */
  function groupOf({ id, parent, content }: BaseEntry): EntryId {
    const above = base.base(parent)
    if (above === undefined || !removed.has(parent)) return content.kind === 'directory' ? id : parent
    const known = tops.get(parent)
    if (known !== undefined) return known
    const top = groupOf(above)
    tops.set(parent, top)
    return top
  }

  for (const id of removed) {
    const entry = base.base(id)
    if (entry === undefined) continue
    const at = groupOf(entry)
    const group = groups.get(at) ?? { whole: removed.has(at), files: 0, bytes: 0 }
    groups.set(at, group)
    if (entry.content.kind !== 'directory') group.files += 1
    if (entry.content.kind === 'file') group.bytes += entry.content.size
  }
  const all = [...groups].map(([id, group]): HeldDirectory => {
    return { path: shortened(basePath(base, id) ?? '', LIMITS.pathBytes), ...group }
  })
  all.sort((a, b) => b.files - a.files || (a.path < b.path ? -1 : 1))
  const directories = all.slice(0, LIMITS.haltSample)
  return {
    from,
    files: all.reduce((sum, { files }) => sum + files, 0),
    bytes: all.reduce((sum, { bytes }) => sum + bytes, 0),
    directories,
    moreDirectories: all.length - directories.length,
  }
}
