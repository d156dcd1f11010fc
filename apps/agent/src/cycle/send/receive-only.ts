import {
  conflictName,
  directoryOf,
  joinPath,
  nameOf,
  sameBytes,
  stateOfBase,
  type LocalChange,
  type LocalCreate,
  type LocalEdit,
} from '@causeway/engine'
import type { EntryId } from '@causeway/protocol'
import { adopt, twinAt } from './adopt.ts'
import { bringBack } from '../base-edits.ts'
import type { CycleContext } from '../cycle-context.ts'
import { contentOnDisk } from '../content-on-disk.ts'
import type { CycleReportBuilder } from '../cycle-report-builder.ts'

const TOLD = 'It was changed here, but this node only receives: it stays here and is not sent.'

/**
 * A node that only receives: what was changed here is never sent, and never
 * lost. An edited file steps aside under a conflict name, so that the
 * coordinator's version can come back; a deleted or moved one comes back too.
 */
export async function keepLocal(
  context: CycleContext,
  cycleReport: CycleReportBuilder,
  changes: readonly LocalChange[],
): Promise<void> {
  const adopted = new Map<string, EntryId>()
  for (const change of changes) {
    const stays = await keep(context, adopted, change)
    if (stays) cycleReport.problem(change.path, 'receive-only', TOLD)
  }
}

/** True if something here differs from the coordinator's and stays. */
async function keep(context: CycleContext, adopted: Map<string, EntryId>, change: LocalChange): Promise<boolean> {
  switch (change.kind) {
    case 'create':
      return keepCreate(context, adopted, change)
    case 'edit':
      return keepEdit(context, change)
    case 'move':
    case 'delete':
      bringBack(context, change.base)
      return true
  }
}

async function keepCreate(context: CycleContext, adopted: Map<string, EntryId>, change: LocalCreate): Promise<boolean> {
  const parent = change.parent ?? adopted.get(directoryOf(change.path))
  if (parent === undefined || twinAt(context, parent, change.name) === undefined) return true
  const content = await contentOnDisk(context, change.path, change.stat)
  if (content === undefined) return true
  const { stat } = change
  const twin = adopt(context, change, parent, { content, stat, racy: false })
  if (twin === undefined) return stepAside(context, change.path, change.stat)
  if (content.kind === 'directory') adopted.set(change.path, twin)
  return false
}

async function keepEdit(context: CycleContext, { base, path, stat }: LocalEdit): Promise<boolean> {
  const content = await contentOnDisk(context, path, stat)
  if (content === undefined) return true
  if (sameBytes(content, base.content)) {
    // Only mode or time were touched: they are set back to the coordinator's.
    context.state.putBase({ ...base, content, stat, racy: false })
    if (context.state.pendingOf(base.id) === undefined) context.state.putPending(stateOfBase(base))
    return false
  }
  if (await stepAside(context, path, stat)) bringBack(context, base)
  return true
}

async function stepAside(
  { files, nodeName, wallNow }: CycleContext,
  path: string,
  stat: LocalCreate['stat'],
): Promise<boolean> {
  const directory = directoryOf(path)
  const taken = new Set((await files.list(directory))?.entries.map(({ name }) => name) ?? [])
  const at = new Date(wallNow()).toISOString()
  const name = conflictName({ name: nameOf(path), nodeName, at, isTaken: (candidate) => taken.has(candidate) })
  const result = await files.move(path, joinPath(directory, name), stat)
  return result.kind === 'placed'
}
