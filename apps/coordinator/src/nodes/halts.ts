import { obstacleToPuttingBack } from '@causeway/engine'
import { SyncError, type FolderId, type FolderView, type HaltDecision, type NodeId } from '@causeway/protocol'
import { announceEvents, folderOf, isoNow, noteEvent } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import type { NodePresence } from './presence.ts'
import { folderView } from '../tree/folders.ts'

export interface Halts {
  /**
   * Tells one node what a person decided about what it holds back. Throws
   * `not-found` where it carries no such folder, `bad-request` where it holds
   * nothing back or is away, and `not-allowed` where its rights keep it from
   * putting anything back.
   */
  settle(acting: Acting, node: NodeId, choice: HaltDecision['choice']): Promise<FolderView>
}

export function createHalts(context: Context, presence: NodePresence): Halts {
  const { metadata, clock, signals, broadcasts, log } = context
  const halted = new Map<FolderId, Set<NodeId>>()

  /** Where a halt was settled at the node itself, or is over because the files are back, the folder's is over as well. */
  broadcasts.subscribe('report', ({ node, report }) => {
    const nodes = halted.get(report.folder) ?? new Set()
    halted.set(report.folder, nodes)
    if (report.halted) nodes.add(node)
    else if (nodes.delete(node) && nodes.size === 0) forget(report.folder, node)
  })

  function forget(folder: FolderId, node: NodeId): void {
    metadata
      .write(async (tx) => {
        if (((await tx.folder(folder))?.halted ?? null) === null) return false
        await tx.updateFolder(folder, { halted: null })
        return true
      })
      .then((wasHalted) => {
        if (wasHalted) signals.publish('node', { node })
      })
      .catch((error: unknown) => log.warn({ err: error, folder }, 'could not note that a halt is over'))
  }

  return {
    async settle({ folder, by }, node, choice) {
      const at = isoNow(clock)
      const { view, events } = await metadata.write(async (tx) => {
        const row = await folderOf(tx, folder)
        const [member] = await tx.memberships({ folder, node })
        const known = await tx.node(node)
        if (member === undefined || known === undefined)
          throw new SyncError('not-found', `${node} does not carry ${folder}`)
        const { name } = known
        const report = presence.report(node, folder)
        if (report === null)
          throw new SyncError('bad-request', `${name} is offline: what it holds back can be resolved once it is back`)
        const held = report.halted
        if (!held) throw new SyncError('bad-request', `${name} holds nothing back in ${row.name}`)
        const obstacle = choice === 'put-back' ? obstacleToPuttingBack(member.access, held) : null
        if (obstacle !== null) throw new SyncError('not-allowed', `${name} ${obstacle}`)
        const what = held.removed === 1 ? '1 entry' : `${held.removed} entries`
        const events = await noteEvent(tx, row, at, {
          // From a `resume` on, the brake counts anew: what is put back takes nothing away.
          kind: choice === 'let-go' ? 'resume' : 'restore',
          reason:
            choice === 'let-go'
              ? `A person let ${name} remove ${what}: ${held.reason}.`
              : `A person put back ${what} that ${name} held back.`,
          actor: by,
          halted: null,
        })
        return { view: await folderView(tx, await folderOf(tx, folder)), events }
      })
      announceEvents(context, events)
      broadcasts.publish('halt-settled', { folder, node, choice })
      return view
    },
  }
}
