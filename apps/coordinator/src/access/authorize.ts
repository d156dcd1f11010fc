import {
  mayUse,
  SyncError,
  type Access,
  type FolderId,
  type FolderRight,
  type NodeId,
  type Person,
} from '@causeway/protocol'

/** Who asks. */
export type Identity =
  | { readonly kind: 'person'; readonly person: Person }
  | { readonly kind: 'node'; readonly node: NodeId }

/** Whoever has the admin token. */
export const ADMIN: Person = { id: 'admin', name: 'Admin' }

/**
 * What is asked for.
 *
 * - `administer`: what is for people alone.
 * - `serve`: what a node does of itself, in no folder.
 * - `folder`: something that needs a right in a folder. `ofItself` is what
 *   only a node does; the rest is also for people, and for a person at a node.
 */
export type Action =
  | { readonly kind: 'administer' }
  | { readonly kind: 'serve' }
  | { readonly kind: 'folder'; readonly right: FolderRight; readonly ofItself: boolean }

/** What a node is in the folder that it asks about. */
export interface FolderMembership {
  readonly folder: FolderId
  readonly access: Access
  readonly paused: boolean
}

/**
 * Whether this identity may do this, in this folder: null if it may, else why
 * not. `folder` is what a node is in the folder; null for one that does not
 * carry it. Every answer about who may do what is given here.
 */
export function authorize(
  identity: Identity | null,
  action: Action,
  folder: FolderMembership | null,
): SyncError | null {
  if (identity === null) return new SyncError('not-signed-in', 'this needs a sign-in: none was given, or it has ended')
  if (identity.kind === 'person') {
    const isForNodes = action.kind === 'serve' || (action.kind === 'folder' && action.ofItself)
    return isForNodes ? new SyncError('not-allowed', 'this route is for nodes') : null
  }
  const { node } = identity
  if (action.kind === 'administer') return new SyncError('not-allowed', `${node} is a node: this is for people`)
  if (action.kind === 'serve') return null
  // One answer for a folder that is not there and one that is not theirs: neither is told apart.
  if (folder === null) return new SyncError('not-allowed', `${node} does not carry this folder`)
  const { right, ofItself } = action
  if (!mayUse(folder.access, right)) {
    const what = `${node} is ${folder.access} in ${folder.folder}: it may not ${IN_WORDS[right]}`
    return new SyncError('not-allowed', what)
  }
  // What a node does of itself waits; a person at it may still look.
  if (folder.paused && (ofItself || right === 'change'))
    return new SyncError('paused', `a person has paused ${folder.folder} on ${node}`)
  return null
}

const IN_WORDS: Readonly<Record<FolderRight, string>> = {
  list: 'look at it',
  read: 'read contents',
  send: 'send changes',
  repair: 'send chunks',
  change: 'change it from here',
}
