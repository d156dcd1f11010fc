import type { FolderView, NodeView } from '@causeway/protocol'
import { waitingOf } from '../data/waiting.ts'
import { nodeNames } from '../live/node-names.ts'
import { isolated } from '../parts/isolated.ts'
import type { Standing } from './decide.ts'

/** What the page knows, as far as it may call for a person. */
export function standingOf(folders: readonly FolderView[], nodes: readonly NodeView[], nowMs: number): Standing {
  const names = nodeNames(nodes)
  const folderNames = new Map(folders.map(({ id, name }) => [id, isolated(name)]))
  const { conflicts, halts } = waitingOf(folders, nodes)
  return {
    nowMs,
    conflicts: new Map([...conflicts].map(([id, open]) => [id, { name: folderNames.get(id) ?? id, open }])),
    halts: new Map(
      halts.map(({ folder, node }) => {
        const name = folderNames.get(folder) ?? folder
        const sentence =
          node === null ? `${name} is halted` : `${isolated(names.get(node) ?? node)} has halted in ${name}`
        return [`${folder} ${node ?? ''}`, { folder, sentence }]
      }),
    ),
    offline: new Map(
      nodes
        .filter(({ online, folders: carried }) => !online && carried.length > 0)
        .map(({ id, lastSeenAt }) => {
          return [id, { name: isolated(names.get(id) ?? id), sinceMs: Date.parse(lastSeenAt) }]
        }),
    ),
  }
}
