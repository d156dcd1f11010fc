import type { FolderId, NodeId } from '@causeway/protocol'
import type { Log } from './operational-log.ts'
import { createTopics, type Topics } from './topics.ts'

/**
 * What a signal says has changed, by topic. It names what is to be read again
 * and carries nothing of it.
 */
export interface SignalKeys {
  /** A folder's log grew. */
  change: { readonly folder: FolderId }
  /** Events were noted. */
  events: object
  /** A node came, went, or was changed. */
  node: { readonly node: NodeId }
  /** What a node may do in a folder. */
  access: { readonly folder: FolderId; readonly node: NodeId }
  /** A folder was given to a node, or taken from it. */
  assigned: { readonly folder: FolderId; readonly node: NodeId }
  /** A folder's brake, or a limit that holds in it: its nodes hear the brake again, and try what waits for a limit. */
  'delete-brake': { readonly folder: FolderId }
  /** Chunks are damaged: what a folder wants is to be asked for (again). */
  damage: object
  /** A node was removed: its sessions end at once. */
  revoked: { readonly node: NodeId }
  /** This process could not hear others for a while: whatever follows signals looks at all that it follows. */
  missed: object
  /** Sessions or tokens ended, or what a person may do changed: whoever is connected is looked at again. */
  'sign-ins': object
}

/**
 * Hints between all who serve the same store. One may be lost, come late or
 * more than once: whoever hears it reads what is stored, and whoever must not
 * miss anything also looks now and then without having been told.
 */
export type Signals = Topics<SignalKeys>

/** Signals within one process: they come at once and in order. */
export function createSignals(log: Log): Signals {
  return createTopics<SignalKeys>(
    {
      change: new Set(),
      events: new Set(),
      node: new Set(),
      access: new Set(),
      assigned: new Set(),
      'delete-brake': new Set(),
      damage: new Set(),
      revoked: new Set(),
      missed: new Set(),
      'sign-ins': new Set(),
    },
    log,
  )
}
