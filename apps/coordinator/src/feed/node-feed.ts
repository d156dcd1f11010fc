import type { Contents } from '@causeway/contents'
import {
  awaits,
  BEHIND,
  catchUp,
  hinted,
  sent,
  type Changes,
  type CommittedChange,
  type Following,
} from '@causeway/log'
import {
  decode,
  LIMITS,
  LINK_VERSION,
  NodeMessageSchema,
  type ChangeBatch,
  type Coming,
  type CoordinatorMessage,
  type Cursor,
  type DeleteBrake,
  type FolderId,
  type FolderRight,
  type FolderReport,
  type NodeId,
  type VersionVector,
} from '@causeway/protocol'
import { authorize, type FolderMembership } from '../access/authorize.ts'
import type { FolderAssignments } from '../nodes/assignments.ts'
import type { PinnedKeys } from '../nodes/pinned-keys.ts'
import type { NodePresence } from '../nodes/presence.ts'
import type { BroadcastMessages } from '../ports/broadcasts.ts'
import type { Context } from '../ports/context.ts'
import { deleteBrakeOf } from '../tree/folders.ts'
import { pushMessage } from './push-message.ts'
import { packSocketMessage } from './socket-messages.ts'
import { withoutBytes } from './without-bytes.ts'

/** A node's socket, as far as a session needs it. */
export interface SessionSocket {
  send(message: Uint8Array): void
  /** True while the network has not taken much of what was given to `send`. */
  readonly isFull: boolean
  close(code: number, reason: string): void
}

export interface NodeFeedServices {
  readonly assignments: FolderAssignments
  readonly changes: Changes
  readonly contents: Pick<Contents, 'repair'>
  readonly presence: NodePresence
  readonly pinnedKeys: PinnedKeys
}

export interface LinkSession {
  receive(message: Uint8Array): Promise<void>
  closed(): void
}

/** A node this close to the head is brought up to it without being asked to ask. */
const CATCH_UP_STATES = 256
/** So often it is looked up what no signal told of: one may have been lost. */
export const LOOK_AGAIN_MS = 30_000

/** What a node may do in a folder; while it is paused, nothing. */
type Rights = FolderMembership

/** Up to where a node was sent a folder's log. */
interface Position {
  readonly cursor: Cursor
  readonly clock: VersionVector
}

/**
 * One node on its WebSocket. It is sent every change of the folders it follows
 * in the log's order and without a gap: a signal only says that there is more,
 * and what there is is read behind the node's own position, or was just
 * committed there. Where that can't be sent, it says `behind` once and waits
 * for the next `follow`.
 */
export function createLinkSession(
  context: Context,
  { assignments, changes, contents, presence, pinnedKeys }: NodeFeedServices,
  node: NodeId,
  socket: SessionSocket,
): LinkSession {
  const { signals, broadcasts, keyPins, log, metadata, observe, recent, timers } = context
  const { repair } = contents
  const following = new Map<FolderId, Following<Position>>()
  /** What the node may do in the folders it follows; unknown while it is being looked up. */
  const rights = new Map<FolderId, Rights>()
  /** What it was last told that it may do: at sign-in, or since. */
  const toldRights = new Map<FolderId, Rights>()
  /** How often the rights in a folder were said to have changed. */
  const changedRights = new Map<FolderId, number>()
  /** The brakes that the node goes by. */
  const brakes = new Map<FolderId, DeleteBrake>()
  const leave = presence.arrived(node)
  observe.linked(node)
  const stops = [
    signals.subscribe('change', ({ folder }) => grew(folder)),
    signals.subscribe('missed', () => inBackground(lookAgain())),
    signals.subscribe('damage', () => {
      for (const folder of following.keys()) askForWanted(folder)
    }),
    signals.subscribe('access', (key) => {
      if (key.node === node) inBackground(tellAccess(key.folder))
    }),
    signals.subscribe('assigned', (key) => {
      if (key.node !== node) return
      dropFolder(key.folder)
      tellAssignments()
    }),
    signals.subscribe('delete-brake', ({ folder }) => {
      if (following.has(folder)) inBackground(tellBrake(folder))
    }),
    broadcasts.subscribe('halt-settled', ({ folder, node: meant, choice }) => {
      if (!following.has(folder) || (meant !== null && meant !== node)) return
      send({ kind: choice === 'let-go' ? 'resume' : 'put-back', folder })
    }),
    broadcasts.subscribe('coming', tellOfComing),
    keyPins.subscribe(tellKeys),
  ]
  const lookingAgain = timers.every(LOOK_AGAIN_MS, () => inBackground(lookAgain())).unref()
  let isClosed = false
  /** The last word on which folders the node is to carry: nothing is not worth a word at first. */
  let toldAssignments = JSON.stringify([[], []])
  let telling: Promise<void> = Promise.resolve()
  send({ kind: 'welcome', version: LINK_VERSION, coordinator: context.id, node })
  tellKeys()
  tellAssignments()

  function inBackground(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (isClosed) return
      log.error({ err: error, node }, 'a node could not be served')
      socket.close(1011, 'the coordinator failed')
    })
  }

  /** One after the other, each as it is when its turn comes: the last word is the last one told. */
  function tellAssignments(): void {
    telling = telling
      .then(async () => {
        const { offers, ended } = await assignments.of(node)
        const now = JSON.stringify([offers, ended])
        if (now === toldAssignments || isClosed) return
        toldAssignments = now
        send({ kind: 'assignments', offers, ended })
      })
      .catch((error: unknown) => log.error({ err: error, node }, 'could not tell a node which folders it is to carry'))
  }

  /** At each start, too: the node may have missed what became of the keys. */
  function tellKeys(): void {
    const pins = keyPins.current()
    if (pins.length > 0) send({ kind: 'keys', pins })
  }

  /** Returns the bytes it took. */
  function send(message: CoordinatorMessage): number {
    const bytes = packSocketMessage(message)
    sendPacked(bytes)
    return bytes.length
  }

  function sendPacked(message: Uint8Array): void {
    observe.sent(message.length)
    socket.send(message)
  }

  /** A folder's log is said to have grown. What was just committed is pushed at once; for all else the log is read. */
  function grew(folder: FolderId): void {
    const pushed = pushRecent(folder)
    const state = following.get(folder)
    if (pushed || state === undefined) return
    const { next, read } = hinted(state)
    following.set(folder, next)
    if (read) inBackground(readOn(folder))
  }

  /** True where something was, or the node fell behind over it. */
  function pushRecent(folder: FolderId): boolean {
    for (let pushed = false; ; pushed = true) {
      const state = following.get(folder)
      const change = state?.kind === 'live' ? recent.after(folder, state.at.cursor) : undefined
      if (change === undefined || state?.kind !== 'live') return pushed
      push(change, state.at)
    }
  }

  function push(change: CommittedChange, at: Position): void {
    const { folder, cursor, clock } = change
    const message = socket.isFull ? null : pushMessage(change, { node, seen: at.clock, reads: mayRead(folder) })
    if (message === null) return fallBehind(folder, cursor.seq)
    sendPacked(message.bytes)
    noteTold(message.batch, at.clock, message.bytes.length)
    following.set(folder, { kind: 'live', at: { cursor, clock } })
  }

  /** Reads the log behind the node's position, which it is catching up from. */
  async function readOn(folder: FolderId): Promise<void> {
    const begun = following.get(folder)
    if (begun?.kind !== 'catchup' || !(await mayFollow(folder))) return
    const request = { cursor: begun.at.cursor, limit: CATCH_UP_STATES }
    const { batch: whole, seen } = await changes.since(folder, node, request)
    const batch = mayRead(folder) ? whole : withoutBytes(whole)
    const state = following.get(folder)
    if (state === undefined || !awaits(state, begun.at)) return
    if (batch.reset || batch.cursor.seq < batch.head || socket.isFull) return fallBehind(folder, batch.head)
    if (batch.cursor.seq > batch.after) noteTold(batch, seen, send({ kind: 'changes', batch }))
    const { next, again } = sent(state, { cursor: batch.cursor, clock: batch.clock })
    following.set(folder, next)
    if (again) grew(folder)
  }

  function fallBehind(folder: FolderId, head: number): void {
    following.set(folder, BEHIND)
    send({ kind: 'behind', folder, head })
  }

  async function follow(folder: FolderId, cursor: Cursor): Promise<void> {
    following.set(folder, catchUp({ cursor, clock: {} }))
    await readOn(folder)
    if (following.has(folder)) askForWanted(folder)
  }

  /** False for a node that is not to be sent the folder: it is paused, or does not carry it. */
  async function mayFollow(folder: FolderId): Promise<boolean> {
    const right = await lookUpRights(folder)
    if (right === undefined) {
      dropFolder(folder)
      // It may not have heard yet that it was taken away.
      if (!(await wasTaken(folder))) socket.close(4403, `this node does not carry ${folder}`)
      return false
    }
    if (right.paused) following.set(folder, BEHIND)
    return !right.paused
  }

  /** What the node may do now. What was said to have changed meanwhile is looked up once more. */
  async function lookUpRights(folder: FolderId): Promise<Rights | undefined> {
    for (;;) {
      const changed = changedRights.get(folder)
      const { right, brake } = await metadata.read(async (tx) => {
        const row = await tx.folder(folder)
        const [right] = await tx.memberships({ folder, node })
        return { right, brake: row && deleteBrakeOf(row.settings) }
      })
      if (changedRights.get(folder) !== changed) continue
      if (brake !== undefined && !brakes.has(folder)) brakes.set(folder, brake)
      if (right === undefined) rights.delete(folder)
      else {
        rights.set(folder, right)
        const told = toldRights.get(folder) ?? right
        toldRights.set(folder, told)
        if (!isSame(told, right)) sendAccess(folder, right)
      }
      return right
    }
  }

  /** Until the new rights are looked up nothing of the folder goes out. */
  async function tellAccess(folder: FolderId): Promise<void> {
    changedRights.set(folder, (changedRights.get(folder) ?? 0) + 1)
    rights.delete(folder)
    const before = following.get(folder)
    if (before !== undefined && before.kind !== 'behind') following.set(folder, catchUp({ ...before.at }))
    toldRights.delete(folder)
    const right = await lookUpRights(folder)
    if (right === undefined) return
    sendAccess(folder, right)
    await readOn(folder)
  }

  function sendAccess(folder: FolderId, right: Rights): void {
    if (isClosed) return
    const { access, paused } = right
    toldRights.set(folder, right)
    // It follows anew when it may go on.
    if (paused && following.has(folder)) following.set(folder, BEHIND)
    send({ kind: 'access', folder, access, paused })
  }

  async function tellBrake(folder: FolderId): Promise<void> {
    const row = await metadata.read((tx) => tx.folder(folder))
    if (row === undefined || isClosed) return
    const deleteBrake = deleteBrakeOf(row.settings)
    brakes.set(folder, deleteBrake)
    send({ kind: 'delete-brake', folder, deleteBrake })
  }

  /** Nothing more of it goes out. What the node may still do is looked up when it follows again. */
  function dropFolder(folder: FolderId): void {
    following.delete(folder)
    rights.delete(folder)
    toldRights.delete(folder)
    brakes.delete(folder)
  }

  /** What the signals tell of, as it stands: those that were lost are made up for. */
  async function lookAgain(): Promise<void> {
    const { row, members, folders } = await metadata.read(async (tx) => {
      const folders = await Promise.all([...following.keys()].map((folder) => tx.folder(folder)))
      return { row: await tx.node(node), members: await tx.memberships({ node }), folders }
    })
    if (isClosed) return
    if (row?.revoked !== false) return socket.close(4403, 'this node was removed')
    const carried = new Map(members.map((member) => [member.folder, member]))
    for (const { id, head, settings } of folders.filter((folder) => folder !== undefined)) {
      const [member, told, state] = [carried.get(id), toldRights.get(id), following.get(id)]
      if (member === undefined) dropFolder(id)
      else if (told !== undefined && !isSame(told, member)) inBackground(tellAccess(id))
      else if (state?.kind === 'live' && state.at.cursor.seq < head) grew(id)
      const brake = brakes.get(id)
      const { share, min } = deleteBrakeOf(settings)
      if (brake !== undefined && (brake.share !== share || brake.min !== min)) inBackground(tellBrake(id))
    }
    tellAssignments()
  }

  function mayRead(folder: FolderId): boolean {
    return may(rights.get(folder), 'read')
  }

  function may(right: Rights | undefined, action: FolderRight): boolean {
    return authorize({ kind: 'node', node }, { kind: 'folder', right: action, ofItself: true }, right ?? null) === null
  }

  function noteTold(batch: ChangeBatch, seen: VersionVector, wireBytes: number): void {
    observe.told(batch, { node, seen, wireBytes })
  }

  /** A hint that may be lost: it waits for nobody, and never before what must not be lost. */
  function tellOfComing({ folder, node: sender, coming }: BroadcastMessages['coming']): void {
    if (sender === node || !following.has(folder) || !mayRead(folder)) return
    if (!socket.isFull) send({ kind: 'coming', folder, node: sender, coming })
  }

  async function rightsIn(folder: FolderId): Promise<Rights | undefined> {
    return (await metadata.read((tx) => tx.memberships({ folder, node })))[0]
  }

  async function wasTaken(folder: FolderId): Promise<boolean> {
    return (await metadata.read((tx) => tx.assignments({ folder, node }))).length > 0
  }

  /** From a node that may not write, nothing is ever to come. */
  async function announce(folder: FolderId, coming: Coming): Promise<void> {
    if (may(await rightsIn(folder), 'send')) broadcasts.publish('coming', { folder, node, coming })
  }

  /** To look up what is wanted may take long: nobody waits for it. */
  function askForWanted(folder: FolderId): void {
    repair.wanted(folder).then(
      (wanted) => {
        if (!following.has(folder) || rights.get(folder)?.paused === true) return
        for (let at = 0; at < wanted.length; at += LIMITS.wantedContents)
          send({ kind: 'wanted', folder, contents: wanted.slice(at, at + LIMITS.wantedContents) })
      },
      (error: unknown) => log.error({ err: error, folder }, 'could not find out what to ask the nodes for'),
    )
  }

  /** Of a folder that the node does not carry it can't tell anything. */
  async function report(told: FolderReport): Promise<void> {
    if ((await rightsIn(told.folder)) !== undefined) presence.reported(node, told)
  }

  async function applied(folder: FolderId, cursor: Cursor): Promise<void> {
    const stored = await metadata.write(async (tx) => {
      const row = await tx.folder(folder)
      if (row?.epoch !== cursor.epoch || cursor.seq > row.head) return false
      const mark = cursor.seq === row.head ? row : await tx.logMark(folder, cursor.seq)
      return tx.setApplied(folder, node, { applied: cursor.seq, clock: mark?.clock ?? {} })
    })
    if (!stored) return
    observe.applied(node, folder, cursor.seq)
    presence.advanced(node, folder, cursor.seq)
  }

  return {
    async receive(bytes) {
      observe.received(bytes.length)
      const message = decode(NodeMessageSchema, bytes)
      if (message.kind === 'follow') await follow(message.folder, message.cursor)
      else if (message.kind === 'applied') await applied(message.folder, message.cursor)
      else if (message.kind === 'report') await report(message.report)
      else if (message.kind === 'coming') await announce(message.folder, message.coming)
      else if (message.kind === 'saved') observe.saved(node, message.tookMs)
      else await pinnedKeys.noted(node, message.pins)
    },
    closed() {
      isClosed = true
      lookingAgain.cancel()
      for (const stop of stops) stop()
      following.clear()
      leave()
    },
  }
}

function isSame(a: Rights, b: Rights): boolean {
  return a.access === b.access && a.paused === b.paused
}
