import { sizeInWords, type CreateOperation, type EditOperation, type Operation, type Outcome } from '@causeway/protocol'
import { includes } from '../version-vector.ts'
import { refused, sameBytes, type Deciding } from './deciding.ts'
import { liveBytesOf, type WorkingTree } from './working-tree.ts'

/**
 * Refuses what would make the folder larger than it may be. What makes nothing larger passes, however full the folder is;
 * so do offers: what they bring back was accepted before.
 */
export function overQuota(deciding: Deciding, operation: Operation): Outcome | null {
  const { tree, snapshot } = deciding
  const { quotaBytes } = snapshot.folder
  if (quotaBytes === null) return null
  const grownBytes = growth(deciding, operation)
  if (grownBytes <= 0 || tree.liveBytes + grownBytes <= quotaBytes) return null
  return refused(
    'over-quota',
    `the folder may hold ${sizeInWords(quotaBytes)} and holds ${sizeInWords(tree.liveBytes)}: ` +
      `${sizeInWords(grownBytes)} more do not fit. Delete something in it, or ask an admin for more room`,
  )
}

function growth({ tree }: Deciding, operation: Operation): number {
  if (operation.kind !== 'create' && operation.kind !== 'edit') return 0
  if (operation.content.kind !== 'file') return 0
  const held = operation.kind === 'create' ? joinedBytes(tree, operation) : replacedBytes(tree, operation)
  return operation.content.size - held
}

/** The same file on two disks becomes one entry. */
function joinedBytes(tree: WorkingTree, { place, content }: CreateOperation): number {
  const there = tree.at(place)
  return there !== undefined && sameBytes(there.content, content) ? liveBytesOf(there) : 0
}

/** An edit that had not seen what the file holds may become a copy beside it: then it counts in full. */
function replacedBytes(tree: WorkingTree, { entry, basedOn, content }: EditOperation): number {
  const current = tree.entry(entry)
  if (current === undefined) return 0
  const replaces = includes(basedOn, current.contentVector) || sameBytes(current.content, content)
  return replaces ? liveBytesOf(current) : 0
}
