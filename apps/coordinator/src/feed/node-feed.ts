import {
  decode,
  LIMITS,
  LINK_VERSION,
  NodeMessageSchema,
  type Access,
  type ChangeBatch,
  type Coming,
  type CoordinatorMessage,
  type Cursor,
  type FolderId,
  type FolderReport,
  type NodeId,
  type Patch,
  type VersionVector,
} from '@causeway/protocol'
import { compactStates, fitsBatch, type CompactStates } from '@causeway/engine'
import type { Contents } from '@causeway/contents'
import type { BusMessages, Changes, CommittedChange } from '@causeway/log'
import { mayUse } from '../access/rights.ts'
import type { Context } from '../ports/context.ts'
import type { FolderAssignments } from '../nodes/assignments.ts'
import type { NodePresence } from '../nodes/presence.ts'
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
}

export interface LinkSession {
  receive(message: Uint8Array): Promise<void>
  closed(): void
}

/** A change with more in it than this is asked for, not pushed: an answer is packed in the background, a push is not. */
const PUSH_BYTES = 256 * 1024
/** What a state takes, roughly. */
const STATE_BYTES = 400
/** What an entry of which only the version is named takes, and a number of a run. */
const KNOWN_BYTES = 150
const NUMBER_BYTES = 4
/** What a patch, a delta and a part of a splice take beside their bytes. */
const PATCH_BYTES = 300
const DELTA_BYTES = 160
const PART_BYTES = 11
/** Changes that may wait while a node's position is looked up. */
const MAX_WAITING = 64
/** A node this close to the head is brought up to it without being asked to ask. */
const CATCH_UP_STATES = 256

/** What a node may do in a folder; while it is paused, nothing. */
interface Rights {
  readonly access: Access
  readonly paused: boolean
}

/**
 * What stands of a followed folder: `level`, the node was sent everything up
 * to `seq`; `catching-up`, that is being looked up; `behind`, the node was told
 * to ask.
 */
type Following =
  | { readonly kind: 'level'; readonly seq: number; readonly clock: VersionVector }
  | { readonly kind: 'catching-up'; readonly waiting: CommittedChange[] }
  | { readonly kind: 'behind' }

/**
 * One node on its WebSocket. Pushes every change of the folders it follows in
 * the log's order and without a gap; where it can't, it says `behind` once and
 * waits for the next `follow`.
 */
export function createLinkSession(
  context: Context,
  { assignments, changes, contents, presence }: NodeFeedServices,
  node: NodeId,
  socket: SessionSocket,
): LinkSession {
  const { bus, log, metadata, observe } = context
  const { repair } = contents
  const following = new Map<FolderId, Following>()
  /** What the node may do in the folders it follows. */
  const rights = new Map<FolderId, Rights>()
  const leave = presence.arrived(node)
  observe.linked(node)
  const stops = [
    bus.subscribe('change', push),
    bus.subscribe('halt-settled', ({ folder, node: meant, choice }) => {
      if (!following.has(folder) || (meant !== null && meant !== node)) return
      send({ kind: choice === 'let-go' ? 'resume' : 'put-back', folder })
    }),
    bus.subscribe('damage', () => {
      for (const folder of following.keys()) askForWanted(folder)
    }),
    bus.subscribe('access', (change) => {
      if (change.node !== node) return
      const { folder, access, paused } = change
      rights.set(folder, { access, paused })
      // It follows anew when it may go on.
      if (paused && following.has(folder)) following.set(folder, { kind: 'behind' })
      send({ kind: 'access', folder, access, paused })
    }),
    bus.subscribe('assigned', (change) => {
      if (change.node !== node) return
      // Nothing more of it goes out. What it may still do is looked up when it follows again.
      following.delete(change.folder)
      rights.delete(change.folder)
      tellAssignments()
    }),
    bus.subscribe('coming', tellOfComing),
    bus.subscribe('delete-brake', (changed) => {
      if (following.has(changed.folder)) send({ kind: 'delete-brake', ...changed })
    }),
  ]
  let isClosed = false
  let hasToldAssignments = false
  let telling: Promise<void> = Promise.resolve()
  send({ kind: 'welcome', version: LINK_VERSION, coordinator: context.id, node })
  tellAssignments()

  /** One after the other, each as it is when its turn comes: the last word is the last one told. */
  function tellAssignments(): void {
    telling = telling
      .then(async () => {
        const told = await assignments.of(node)
        const isSomething = told.offers.length > 0 || told.ended.length > 0 || hasToldAssignments
        hasToldAssignments = isSomething
        if (isSomething && !isClosed) send({ kind: 'assignments', ...told })
      })
      .catch((error: unknown) => log.error({ err: error, node }, 'could not tell a node which folders it is to carry'))
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

  function push(change: CommittedChange): void {
    const state = following.get(change.folder)
    if (state === undefined || state.kind === 'behind') return
    if (state.kind === 'catching-up') {
      state.waiting.push(change)
      if (state.waiting.length > MAX_WAITING) fallBehind(change.folder, change.head)
      return
    }
    if (change.head <= state.seq) return
    const isNext = change.from === state.seq && !socket.isFull
    const message = isNext ? pushMessage(change, { node, seen: state.clock, reads: mayRead(change.folder) }) : null
    if (message === null) {
      fallBehind(change.folder, change.head)
      return
    }
    sendPacked(message.bytes)
    noteTold(message.batch, state.clock, message.bytes.length)
    following.set(change.folder, { kind: 'level', seq: change.head, clock: change.clock })
  }

  function mayRead(folder: FolderId): boolean {
    const right = rights.get(folder)
    return right !== undefined && mayUse(right.access, 'read')
  }

  function noteTold(batch: ChangeBatch, seen: VersionVector, wireBytes: number): void {
    observe.told(batch, { node, seen, wireBytes })
  }

  /** A hint that may be lost: it waits for nobody, and never before what must not be lost. */
  function tellOfComing({ folder, node: sender, coming }: BusMessages['coming']): void {
    if (sender === node || !following.has(folder) || !mayRead(folder) || rights.get(folder)?.paused === true) return
    if (!socket.isFull) send({ kind: 'coming', folder, node: sender, coming })
  }

  function fallBehind(folder: FolderId, head: number): void {
    following.set(folder, { kind: 'behind' })
    send({ kind: 'behind', folder, head })
  }

  async function follow(folder: FolderId, cursor: Cursor): Promise<void> {
    const before = rights.get(folder)
    const stored = await rightsIn(folder)
    // What was changed meanwhile is newer than what was read.
    const right = rights.get(folder) === before ? stored : rights.get(folder)
    if (right === undefined) {
      // It may not have heard yet that it was taken away.
      if (await wasTaken(folder)) return
      socket.close(4403, `this node does not carry ${folder}`)
      return
    }
    rights.set(folder, right)
    if (right.paused) {
      following.set(folder, { kind: 'behind' })
      return
    }
    // From before the look-up on, nothing that is committed may slip by.
    const catchingUp: Following = { kind: 'catching-up', waiting: [] }
    following.set(folder, catchingUp)
    const { batch: whole, seen } = await changes.since(folder, node, { cursor, limit: CATCH_UP_STATES })
    const batch = mayRead(folder) ? whole : withoutBytes(whole)
    if (following.get(folder) !== catchingUp) return
    if (batch.reset || batch.cursor.seq < batch.head || socket.isFull) {
      fallBehind(folder, batch.head)
    } else {
      if (batch.cursor.seq > batch.after) noteTold(batch, seen, send({ kind: 'changes', batch }))
      following.set(folder, { kind: 'level', seq: batch.cursor.seq, clock: batch.clock })
      for (const change of catchingUp.waiting) push(change)
    }
    askForWanted(folder)
  }

  async function rightsIn(folder: FolderId): Promise<Rights | undefined> {
    return (await metadata.read((tx) => tx.memberships({ folder, node })))[0]
  }

  async function wasTaken(folder: FolderId): Promise<boolean> {
    return (await metadata.read((tx) => tx.assignments({ folder, node }))).length > 0
  }

  /** From a node that may not write, nothing is ever to come. */
  async function announce(folder: FolderId, coming: Coming): Promise<void> {
    const right = await rightsIn(folder)
    if (right !== undefined && !right.paused && mayUse(right.access, 'send'))
      bus.publish('coming', { folder, node, coming })
  }

  /** To look up what is wanted may take long: nobody waits for it. */
  function askForWanted(folder: FolderId): void {
    repair.wanted(folder).then(
      (contents) => {
        if (!following.has(folder) || rights.get(folder)?.paused === true) return
        for (let at = 0; at < contents.length; at += LIMITS.wantedContents)
          send({ kind: 'wanted', folder, contents: contents.slice(at, at + LIMITS.wantedContents) })
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
    },
    closed() {
      isClosed = true
      for (const stop of stops) stop()
      following.clear()
      leave()
    },
  }
}

interface Push {
  readonly batch: ChangeBatch
  readonly bytes: Uint8Array
}

/** What a change became for those who did not make it and had seen just this before: the same for each of them. */
const PUSHED = new WeakMap<CommittedChange, { readonly seen: VersionVector; readonly message: Push | null }>()

interface PushTarget {
  readonly node: NodeId
  /** The clock of the folder as the node was last told it. */
  readonly seen: VersionVector
  /** False for a node that may not read contents. */
  readonly reads: boolean
}

/** A change as it goes over a node's socket, written once for all who may share it; null if it is more than a push should carry. */
function pushMessage(change: CommittedChange, to: PushTarget): Push | null {
  const { seen } = to
  const isOwn = change.node === to.node
  const isShared = !isOwn && to.reads
  const pushed = isShared ? PUSHED.get(change) : undefined
  // Who was level at the change before holds the very clock that came with it.
  if (pushed?.seen === seen) return pushed.message
  const told = compactStates(change.states, { node: isOwn ? to.node : null, seen })
  const batch = isPushable(change, told) ? batchOf(change, told, isShared) : null
  const message = batch === null ? null : { batch, bytes: packSocketMessage({ kind: 'changes', batch }) }
  if (isShared) PUSHED.set(change, { seen, message })
  return message
}

function isPushable(change: CommittedChange, told: CompactStates): boolean {
  const fits = fitsBatch(told, LIMITS.changesPerBatch) && change.contents.length <= LIMITS.changesPerBatch
  return fits && pushBytesOf(change, told) <= PUSH_BYTES
}

/** What a change takes without the patches, which may be left out. */
function pushBytesOf({ contents }: CommittedChange, { states, removals, echoes }: CompactStates): number {
  const numbers = (removals?.runs.length ?? 0) + (echoes?.created.length ?? 0)
  const entries = states.length * STATE_BYTES + (echoes?.known.length ?? 0) * KNOWN_BYTES + numbers * NUMBER_BYTES
  return contents.reduce((sum, { bytes }) => sum + bytes.length, entries)
}

/** The patches that a push has room for. The others are asked for. */
function patchesWithin(patches: readonly Patch[], mostBytes: number): Patch[] {
  let left = mostBytes
  return patches.filter((patch) => {
    const size = patchBytesOf(patch)
    if (size > LIMITS.inlinePatchBytes || size > left) return false
    left -= size
    return true
  })
}

function patchBytesOf({ splice, deltas }: Patch): number {
  const parts = splice.parts.reduce((sum, part) => sum + (part instanceof Uint8Array ? part.length : PART_BYTES), 0)
  return deltas.reduce(
    (sum, { bytes, chunks }) => sum + DELTA_BYTES + bytes.length + chunks.length,
    PATCH_BYTES + parts,
  )
}

/** What a node is told of a change; what it wrote itself, or may not read, comes without the bytes. */
function batchOf(change: CommittedChange, told: CompactStates, withBytes: boolean): ChangeBatch {
  const { folder, epoch, from, head, tag, clock, counted, contents } = change
  const patches = withBytes ? patchesWithin(change.patches, PUSH_BYTES - pushBytesOf(change, told)) : []
  return {
    folder,
    reset: false,
    after: from,
    cursor: { epoch, seq: head, tag },
    head,
    clock,
    ...told,
    states: [...told.states],
    ...(counted !== undefined && { counted }),
    contents: withBytes ? [...contents] : [],
    ...(patches.length > 0 && { patches }),
  }
}
