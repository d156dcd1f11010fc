import { SyncError, type ConflictView, type EntryId, type FolderId, type Operation } from '@causeway/protocol'
import { announceEvents, type Commits, folderOf, isoNow, noteEvent, OWN_COUNTER_STEP, pathsOf } from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'
import { deleting, editing, refuseRefused, ownRequest } from './own-request.ts'

export type SettleChoice = 'keep-both' | 'keep-original' | 'keep-copy'

export interface Conflicts {
  list(folder: FolderId, filter: { open: boolean }): Promise<readonly ConflictView[]>
  /** Ends a conflict as a person chose. What is not kept becomes history, from where it can be restored. */
  settle(acting: Acting, copy: EntryId, choice: SettleChoice): Promise<void>
  /**
   * Opens a settled conflict anew, where both files stand: what the choice removed is restored before. One that is
   * open stays so. Throws `not-found` where there was never one, `bad-request` where one of the files is gone.
   */
  reopen(acting: Acting, copy: EntryId): Promise<void>
}

export function createConflicts(context: Context, commits: Commits): Conflicts {
  const { metadata, clock } = context

  async function keepBoth({ folder, by }: Acting, copy: EntryId): Promise<void> {
    const at = isoNow(clock)
    const events = await metadata.write(async (tx) => {
      const row = await folderOf(tx, folder)
      const open = (await tx.conflicts(folder, { open: true })).filter((conflict) => conflict.copy === copy)
      if (open.length === 0) throw noConflict(copy)
      const how = 'a person kept both'
      return noteEvent(tx, row, at, {
        kind: 'settle',
        actor: by,
        reason: 'A person kept both versions.',
        settled: [{ entry: copy, how }],
      })
    })
    announceEvents(context, events)
  }

  async function keepOne({ folder, by }: Acting, copy: EntryId, choice: 'keep-original' | 'keep-copy'): Promise<void> {
    const settled = await commits.author(folder, async (tx, row, counter) => {
      const conflict = (await tx.conflicts(folder, { open: true })).find((open) => open.copy === copy)
      if (conflict === undefined) throw noConflict(copy)
      const states = new Map((await tx.entries(folder, [copy, conflict.rival])).map((state) => [state.id, state]))
      const loser = states.get(copy)
      const rival = states.get(conflict.rival)
      const operations: Operation[] = []
      if (choice === 'keep-copy' && loser !== undefined && rival !== undefined) {
        operations.push(editing(rival, loser.content, counter))
      }
      if (loser?.deleted === false) operations.push(deleting(loser, false, counter + OWN_COUNTER_STEP))
      return { request: ownRequest(row, operations), note: { reason: `A person chose: ${choice}.`, actor: by } }
    })
    refuseRefused(settled, "the conflict can't be settled so")
  }

  async function reopen({ folder, by }: Acting, copy: EntryId): Promise<void> {
    const now = isoNow(clock)
    const events = await metadata.write(async (tx) => {
      const row = await folderOf(tx, folder)
      const conflict = (await tx.conflicts(folder, { open: false })).find((one) => one.copy === copy)
      if (conflict === undefined) throw new SyncError('not-found', `there was no conflict with the copy ${copy}`)
      if (conflict.settled === null) return []
      const { rival, at } = conflict
      const live = (await tx.entries(folder, [copy, rival])).filter(({ deleted }) => !deleted)
      if (live.length < 2) throw new SyncError('bad-request', 'the conflict can’t be opened: one of its files is gone')
      const reason = 'A person reopened the choice between the two versions.'
      return noteEvent(tx, row, now, { kind: 'conflict', reason, actor: by, conflicts: [{ folder, copy, rival, at }] })
    })
    announceEvents(context, events)
  }

  return {
    reopen,
    list: (folder, filter) =>
      metadata.read(async (tx) => {
        await folderOf(tx, folder)
        const rows = await tx.conflicts(folder, filter)
        const states = await tx.entries(
          folder,
          rows.flatMap(({ copy, rival }) => [copy, rival]),
        )
        const paths = await pathsOf(tx, folder, states)
        return rows.map((row) => {
          return { ...row, copyPath: paths.get(row.copy) ?? '', rivalPath: paths.get(row.rival) ?? '' }
        })
      }),
    settle: (acting, copy, choice) => (choice === 'keep-both' ? keepBoth(acting, copy) : keepOne(acting, copy, choice)),
  }
}

function noConflict(copy: EntryId): SyncError {
  return new SyncError('not-found', `there is no open conflict with the copy ${copy}`)
}
