import {
  decode,
  LIMITS,
  LINK_VERSION,
  NodeMessageSchema,
  type ChangeBatch,
  type CoordinatorMessage,
  type Cursor,
  type FolderId,
  type NodeId,
} from '@causeway/protocol'
import type { Context } from '../context.ts'
import type { Changes } from '../folders/changes.ts'
import type { CommittedChange } from '../live/bus.ts'
import { packSocketMessage } from './socket-messages.ts'
import type { Fleet } from '../live/fleet.ts'

/** A node's socket, as far as a session needs it. */
export interface SessionSocket {
  send(message: Uint8Array): void
  /** Bytes given to `send` that the network has not taken. */
  readonly bufferedBytes: number
  close(code: number, reason: string): void
}

export interface LinkSession {
  receive(message: Uint8Array): Promise<void>
  closed(): void
}

/** A change with more in it than this is asked for, not pushed: an answer is packed in the background, a push is not. */
const PUSH_BYTES = 256 * 1024
/** What a state takes, roughly. */
const STATE_BYTES = 400
/** A node that has this much before it in the socket is behind, whatever its position. */
const BUFFERED_BYTES = 4 * 1024 * 1024
/** Changes that may wait while a node's position is looked up. */
const MAX_WAITING = 64
/** A node this close to the head is brought up to it without being asked to ask. */
const CATCH_UP_STATES = 256

/**
 * What stands of a followed folder: `level`, the node was sent everything up
 * to `seq`; `catching-up`, that is being looked up; `behind`, the node was told
 * to ask.
 */
type Following =
  | { readonly kind: 'level'; readonly seq: number }
  | { readonly kind: 'catching-up'; readonly waiting: CommittedChange[] }
  | { readonly kind: 'behind' }

/**
 * One node on its WebSocket. Pushes every change of the folders it follows in
 * the log's order and without a gap; where it can't, it says `behind` once and
 * waits for the next `follow`.
 */
export function createLinkSession(
  context: Context,
  { changes, fleet }: { readonly changes: Changes; readonly fleet: Fleet },
  node: NodeId,
  socket: SessionSocket,
): LinkSession {
  const { bus, damage, log, metadata, meter } = context
  const following = new Map<FolderId, Following>()
  const leave = fleet.arrived(node)
  const stops = [
    bus.subscribe('change', push),
    bus.subscribe('resumed', ({ folder }) => {
      if (following.has(folder)) send({ kind: 'resume', folder })
    }),
    bus.subscribe('damage', () => {
      for (const folder of following.keys()) askForWanted(folder)
    }),
    bus.subscribe('access', (change) => {
      if (change.node === node) send({ kind: 'access', folder: change.folder, access: change.access })
    }),
    bus.subscribe('revoked', (removed) => {
      if (removed.node === node) socket.close(4403, 'this node was removed')
    }),
  ]
  send({ kind: 'welcome', version: LINK_VERSION, coordinator: context.id, node })

  function send(message: CoordinatorMessage): void {
    const bytes = packSocketMessage(message)
    meter.sent(bytes.length)
    socket.send(bytes)
  }

  function push(change: CommittedChange): void {
    const state = following.get(change.folder)
    if (state === undefined || state.kind === 'behind') return
    if (state.kind === 'catching-up') {
      state.waiting.push(change)
      if (state.waiting.length > MAX_WAITING) fallBehind(change.folder, change.head)
      return
    }
    if (change.head <= state.seq) return
    if (change.from !== state.seq || !isPushable(change) || socket.bufferedBytes > BUFFERED_BYTES) {
      fallBehind(change.folder, change.head)
      return
    }
    send({ kind: 'changes', batch: batchOf(change, node) })
    following.set(change.folder, { kind: 'level', seq: change.head })
  }

  function fallBehind(folder: FolderId, head: number): void {
    following.set(folder, { kind: 'behind' })
    send({ kind: 'behind', folder, head })
  }

  async function follow(folder: FolderId, cursor: Cursor): Promise<void> {
    const members = await metadata.read((tx) => tx.memberships({ folder, node }))
    if (members.length === 0) {
      socket.close(4403, `this node does not carry ${folder}`)
      return
    }
    // From before the look-up on, nothing that is committed may slip by.
    const catchingUp: Following = { kind: 'catching-up', waiting: [] }
    following.set(folder, catchingUp)
    const batch = await changes.changes(folder, node, { cursor, limit: CATCH_UP_STATES })
    if (following.get(folder) !== catchingUp) return
    if (batch.reset || batch.cursor.seq < batch.head) {
      fallBehind(folder, batch.head)
    } else {
      if (batch.states.length > 0) send({ kind: 'changes', batch })
      following.set(folder, { kind: 'level', seq: batch.cursor.seq })
      for (const change of catchingUp.waiting) push(change)
    }
    askForWanted(folder)
  }

  /** To look up what is wanted may take long: nobody waits for it. */
  function askForWanted(folder: FolderId): void {
    damage.wanted(folder).then(
      (contents) => {
        if (contents.length > 0 && following.has(folder)) send({ kind: 'wanted', folder, contents: [...contents] })
      },
      (error: unknown) => log.error({ err: error, folder }, 'could not find out what to ask the nodes for'),
    )
  }

  async function applied(folder: FolderId, cursor: Cursor): Promise<void> {
    const stored = await metadata.write(async (tx) => {
      const member = (await tx.memberships({ folder, node }))[0]
      const row = await tx.folder(folder)
      if (member === undefined || row?.epoch !== cursor.epoch || cursor.seq > row.head) return false
      const mark = cursor.seq === row.head ? row : await tx.logMark(folder, cursor.seq)
      await tx.putMembership({ ...member, applied: cursor.seq, clock: mark?.clock ?? {} })
      return true
    })
    if (stored) fleet.advanced(node, folder, cursor.seq)
  }

  return {
    async receive(bytes) {
      meter.received(bytes.length)
      const message = decode(NodeMessageSchema, bytes)
      if (message.kind === 'follow') await follow(message.folder, message.cursor)
      else if (message.kind === 'applied') await applied(message.folder, message.cursor)
      else fleet.reported(node, message.report)
    },
    closed() {
      for (const stop of stops) stop()
      following.clear()
      leave()
    },
  }
}

function isPushable({ states, contents }: CommittedChange): boolean {
  if (states.length > LIMITS.changesPerBatch) return false
  return contents.reduce((sum, { bytes }) => sum + bytes.length, 0) + states.length * STATE_BYTES <= PUSH_BYTES
}

/** What a node is told of a change; what it wrote itself comes without the bytes. */
function batchOf(
  { folder, epoch, from, head, tag, clock, states, contents, node }: CommittedChange,
  to: NodeId,
): ChangeBatch {
  return {
    folder,
    reset: false,
    after: from,
    cursor: { epoch, seq: head, tag },
    head,
    clock,
    states: [...states],
    contents: node === to ? [] : [...contents],
  }
}
