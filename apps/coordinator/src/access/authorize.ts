import {
  mayUse,
  SyncError,
  type Access,
  type FolderId,
  type FolderRight,
  type NodeId,
  type PersonId,
} from '@causeway/protocol'
import { roleIn, type PersonRights } from './person-rights.ts'

/** Who asks. */
export type Identity = PersonIdentity | { readonly kind: 'node'; readonly node: NodeId }

export interface PersonIdentity {
  readonly kind: 'person'
  readonly person: { readonly id: PersonId; readonly name: string }
  readonly rights: PersonRights
}

/**
 * What is asked for.
 *
 * - `administer`: what is for admins alone; `changes` for what is more than a look.
 * - `look`: what every person may ask, and is answered with what they may see.
 * - `serve`: what a node does of itself, in no folder.
 * - `folder`: something that needs a right in a folder. `ofItself` is what
 *   only a node does; the rest is also for people, and for a person at a node.
 */
export type Action =
  | { readonly kind: 'administer'; readonly changes: boolean }
  | { readonly kind: 'look' }
  | { readonly kind: 'serve' }
  | { readonly kind: 'folder'; readonly right: FolderRight; readonly ofItself: boolean }

/** What a node is in the folder that it asks about. */
export interface FolderMembership {
  readonly folder: FolderId
  readonly access: Access
  readonly paused: boolean
}

/** The folder that is asked about; with what a node is in it. */
export type AskedFolder = Pick<FolderMembership, 'folder'> & Partial<FolderMembership>

/**
 * Whether this identity may do this, in this folder: null if it may, else why
 * not. `folder` is null for a node that does not carry it, and for what is no
 * folder's name. Every answer about who may do what is given here.
 */
export function authorize(identity: Identity | null, action: Action, folder: AskedFolder | null): SyncError | null {
  if (identity === null) return new SyncError('not-signed-in', 'this needs a sign-in: none was given, or it has ended')
  return identity.kind === 'person'
    ? authorizePerson(identity, action, folder)
    : authorizeNode(identity.node, action, folder)
}

function authorizePerson({ rights }: PersonIdentity, action: Action, asked: AskedFolder | null): SyncError | null {
  const isForNodes = action.kind === 'serve' || (action.kind === 'folder' && action.ofItself)
  if (isForNodes) return new SyncError('not-allowed', 'this route is for nodes')
  if (action.kind === 'look') return null
  if (action.kind === 'administer') {
    if (rights.administers === 'all' || (rights.administers === 'reads' && !action.changes)) return null
    const why = rights.administers === 'reads' ? 'this token may look, but change nothing' : 'this is for admins'
    return new SyncError('not-allowed', `${why}: ask an admin`)
  }
  const role = asked === null ? rights.everywhere : roleIn(rights, asked.folder)
  // The very answer for a folder that is not there: the two cannot be told apart.
  if (role === null) return noSuchFolder(asked?.folder ?? 'of this name')
  if (role === 'viewer' && !FOR_VIEWERS.has(action.right)) {
    return new SyncError(
      'not-allowed',
      `you may look at ${asked?.folder ?? 'this folder'}, but not change it: ask an admin`,
    )
  }
  return null
}

const FOR_VIEWERS: ReadonlySet<FolderRight> = new Set(['list', 'read'])

export function noSuchFolder(folder: string): SyncError {
  return new SyncError('not-found', `there is no folder ${folder}`)
}

function authorizeNode(node: NodeId, action: Action, folder: AskedFolder | null): SyncError | null {
  if (action.kind === 'administer' || action.kind === 'look')
    return new SyncError('not-allowed', `${node} is a node: this is for people`)
  if (action.kind === 'serve') return null
  // One answer for a folder that is not there and one that is not theirs: neither is told apart.
  if (folder?.access === undefined) return new SyncError('not-allowed', `${node} does not carry this folder`)
  const { right, ofItself } = action
  if (!mayUse(folder.access, right)) {
    const what = `${node} is ${folder.access} in ${folder.folder}: it may not ${IN_WORDS[right]}`
    return new SyncError('not-allowed', what)
  }
  // What a node does of itself waits; a person at it may still look.
  if (folder.paused === true && (ofItself || right === 'change'))
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
