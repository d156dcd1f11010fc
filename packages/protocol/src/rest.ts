import { z } from 'zod'
import { ActorSchema } from './actor.ts'
import { AmountSchema, TextSchema, WordSchema } from './bounded.ts'
import { ContentSchema, EntryStateSchema, NameSchema } from './entry.ts'
import { EventKindSchema, HistoryEventSchema, OrderSchema } from './event.ts'
import { ContentHashSchema, EntryIdSchema, FolderIdSchema, ChunkIdSchema, NodeIdSchema } from './ids.ts'
import { LIMITS } from './limits.ts'
import { FolderReportSchema } from './link.ts'
import { HistogramSchema, NodeLatencySchema } from './latency.ts'
import { AccessSchema } from './rights.ts'
import { SavingsSchema, TransferSchema } from './savings.ts'
import { VersionVectorSchema } from './version-vector.ts'

/** Every error answer of every route. */
export const ErrorBodySchema = z.object({ error: z.object({ code: WordSchema, message: TextSchema }) })
export type ErrorBody = z.infer<typeof ErrorBodySchema>

/** A path from a folder's root, `/`-separated, without a leading slash; empty for the root itself. */
export const FolderPathSchema = z
  .string()
  .max(LIMITS.shownPathChars)
  .refine((path) => !path.includes('\0') && !path.startsWith('/') && !path.endsWith('/'), 'not a path inside a folder')

const Page = {
  after: z.string().max(4096).optional(),
  limit: z.coerce.number<number>().int().min(1).max(LIMITS.itemsPerPage).default(100),
}

const SignedSchema = z.number().min(-Number.MAX_SAFE_INTEGER).max(Number.MAX_SAFE_INTEGER)

// ── nodes ────────────────────────────────────────────────────────────────────

export const RegisterRequestSchema = z.object({
  node_id: NodeIdSchema,
  name: z.string().trim().min(1).max(100),
  address: z.string().max(255),
  port: z.int().min(0).max(65_535),
  watch_directories: z.array(z.string().max(4096)).max(LIMITS.watchDirectories).default([]),
  /** A list of words, or an object whose true or named fields become words. */
  capabilities: z
    .union([
      z.array(z.string().max(64)).max(LIMITS.capabilities),
      z
        .record(z.string().max(64), z.union([z.boolean(), SignedSchema, z.string().max(64)]))
        .refine((words) => Object.keys(words).length <= LIMITS.capabilities, 'too many capabilities'),
    ])
    .default([]),
})
export type RegisterRequest = z.infer<typeof RegisterRequestSchema>

/** A node in the original interface. */
export const NodeSummarySchema = z.object({
  node_id: NodeIdSchema,
  name: WordSchema,
  address: WordSchema,
  port: z.int(),
  watch_directories: z.array(TextSchema).max(LIMITS.watchDirectories),
  capabilities: z.array(WordSchema).max(LIMITS.capabilities),
  status: z.enum(['online', 'offline']),
  registered_at: WordSchema,
  last_seen: WordSchema,
})
export type NodeSummary = z.infer<typeof NodeSummarySchema>

export const MembershipViewSchema = z.object({
  folder: FolderIdSchema,
  node: NodeIdSchema,
  access: AccessSchema,
  paused: z.boolean(),
  /** The last log position the node has on its disk. */
  applied: z.int(),
  /** All that the node has seen, as of there. */
  clock: VersionVectorSchema,
  /** The folder's last log position. */
  head: z.int(),
  /** Entries changed after `applied`; null where counting stopped at 10,000. */
  behind: z.int().nullable(),
  /** What the node last told about this folder, while it is online. */
  report: FolderReportSchema.nullable(),
})
export type MembershipView = z.infer<typeof MembershipViewSchema>

/** A node that changed a folder or carries it, with its name: removed ones too. */
export const AuthorSchema = z.object({ node: NodeIdSchema, name: WordSchema })
export type Author = z.infer<typeof AuthorSchema>

/** A folder that was given to a node, which has not said yet where it is to keep it, or has said that it does not want it. */
export const NodeOfferSchema = z.object({
  folder: FolderIdSchema,
  access: AccessSchema,
  /** When it was offered; where it was declined, when that was. */
  at: WordSchema,
  declined: z.boolean().optional(),
})
export type NodeOffer = z.infer<typeof NodeOfferSchema>

export const NodeViewSchema = z.object({
  id: NodeIdSchema,
  name: WordSchema,
  address: WordSchema,
  port: z.int(),
  watchDirectories: z.array(TextSchema).max(LIMITS.watchDirectories),
  capabilities: z.array(WordSchema).max(LIMITS.capabilities),
  version: WordSchema,
  online: z.boolean(),
  registeredAt: WordSchema,
  lastSeenAt: WordSchema,
  revoked: z.boolean(),
  /** Its place in the order in which nodes came, from 0; no other node ever has it. Older coordinators don't tell. */
  ordinal: z.int().min(0).optional(),
  /** What it may send within a day, over all folders; null for no limit. Left out for those who don't look after it. */
  dailyBytes: AmountSchema.nullable().optional(),
  /** What it sent in the last 24 hours. Counted only while it has a limit. */
  sentBytes: AmountSchema.optional(),
  folders: z.array(MembershipViewSchema).max(LIMITS.foldersPerNode),
  /** Absent where it was offered nothing. */
  offers: z.array(NodeOfferSchema).max(LIMITS.foldersPerNode).optional(),
})
export type NodeView = z.infer<typeof NodeViewSchema>

// ── folders ──────────────────────────────────────────────────────────────────

export const FolderSettingsSchema = z.object({
  deleteBrakeShare: z.number().min(0).max(1),
  deleteBrakeMin: z.int().min(0),
  keepAllDays: AmountSchema,
  keepThinnedDays: AmountSchema.nullable(),
  /** What the folder's live files may be together; null for no limit. */
  quotaBytes: AmountSchema.nullable(),
})

export const FolderViewSchema = z.object({
  id: FolderIdSchema,
  name: WordSchema,
  epoch: WordSchema,
  head: z.int(),
  clock: VersionVectorSchema,
  settings: FolderSettingsSchema,
  halted: TextSchema.nullable(),
  createdAt: WordSchema,
  counts: z.object({ files: z.int(), directories: z.int(), symlinks: z.int(), bytes: AmountSchema }),
  openConflicts: z.int(),
})
export type FolderView = z.infer<typeof FolderViewSchema>

/** A person's word on what a node holds back: it goes, or what is gone comes back. */
export const HaltDecisionSchema = z.object({ choice: z.enum(['let-go', 'put-back']) })
export type HaltDecision = z.infer<typeof HaltDecisionSchema>

export const CreateFolderSchema = z.object({ name: z.string().trim().min(1).max(64) })
export const ChangeFolderSchema = z.object({
  name: z.string().trim().min(1).max(64).optional(),
  settings: FolderSettingsSchema.partial().optional(),
})
/** A removed folder: all that it holds is kept until it is deleted for good. */
export const RemovedFolderViewSchema = FolderViewSchema.pick({ id: true, name: true, counts: true }).extend({
  removedAt: WordSchema,
  /** It is being deleted for good, and does not come back. */
  forGood: z.boolean(),
  /** Nodes that carried it; they are offered it again when it comes back. */
  nodes: z.array(NodeIdSchema).max(LIMITS.nodesPerVector),
})
export type RemovedFolderView = z.infer<typeof RemovedFolderViewSchema>

export const ChangeNodeSchema = z.object({
  name: z.string().trim().min(1).max(100).optional(),
  dailyBytes: AmountSchema.nullable().optional(),
})
export const GiveFolderSchema = z.object({ access: AccessSchema.default('read-write') })
export const ChangeMembershipSchema = z.object({ access: AccessSchema.optional(), paused: z.boolean().optional() })

const FolderNamedSchema = z.string().min(1).max(64).describe("A folder's id or name")
export const InviteRequestSchema = z.object({
  /** The same as `folders` with one in it. Without either, the only folder there is. */
  folder: FolderNamedSchema.optional().describe('One folder, by id or name; without any, the only one there is'),
  folders: z
    .array(FolderNamedSchema)
    .min(1)
    .max(LIMITS.foldersPerInvite)
    .optional()
    .describe('The folders that the machine joins with this one link, by id or name'),
  access: AccessSchema.default('read-write'),
  minutes: z
    .int()
    .min(1)
    .max(7 * 24 * 60)
    .default(15),
  /** Where the joining machine reaches the coordinator; without it, where this very request did. */
  url: z
    .url({ protocol: /^https?$/ })
    .max(2048)
    .optional(),
})
export type InviteRequest = z.input<typeof InviteRequestSchema>
/** An invite that can still be used. The secret itself is known only to whoever was given the link. */
export const OpenInviteSchema = z.object({
  id: WordSchema,
  folders: z.array(FolderIdSchema).min(1).max(LIMITS.foldersPerInvite),
  access: AccessSchema,
  expiresAt: WordSchema,
})
export type OpenInvite = z.infer<typeof OpenInviteSchema>
export const InviteResponseSchema = z.object({ link: TextSchema, expiresAt: WordSchema })
export type InviteResponse = z.infer<typeof InviteResponseSchema>

// ── files, history, restore ──────────────────────────────────────────────────

/** A file or directory with its path. */
export const EntryViewSchema = z.object({
  folder: FolderIdSchema,
  path: TextSchema,
  state: EntryStateSchema,
  /** Nodes whose disk does not hold this state yet. */
  waiting: z.array(NodeIdSchema).max(LIMITS.nodesPerVector),
})
export type EntryView = z.infer<typeof EntryViewSchema>

/** All that lies in a directory, however deep, without the directory itself. */
export const DirectorySumsSchema = z.object({
  files: z.int().min(0),
  directories: z.int().min(0),
  symlinks: z.int().min(0),
  /** Of its files. */
  bytes: AmountSchema,
  /** When something last came, went or changed in it, milliseconds since 1970. */
  newestMs: SignedSchema.nullable(),
})
export type DirectorySums = z.infer<typeof DirectorySumsSchema>

export const ListingOrderSchema = z.enum(['name', 'size', 'changed'])
export const BrowseQuerySchema = z.object({
  path: FolderPathSchema.default(''),
  /** Leaves out everything but directories. */
  kind: z.literal('directory').optional(),
  /** Names in natural order; sizes and times rising. Directories come first, and are sorted by what is in them. */
  order: ListingOrderSchema.default('name'),
  direction: z.enum(['asc', 'desc']).default('asc'),
  /** Only what has one of these names, on one page. `name` may stand several times. */
  name: z.union([NameSchema.transform((name) => [name]), z.array(NameSchema).max(LIMITS.itemsPerPage)]).optional(),
  /** The `next` of the page before, of the same order. */
  ...Page,
})
export const ListedEntrySchema = EntryViewSchema.extend({
  /** What lies in it; null for what is no directory. */
  within: DirectorySumsSchema.nullable(),
})
export type ListedEntry = z.infer<typeof ListedEntrySchema>
export const BrowseResponseSchema = z.object({
  entries: z.array(ListedEntrySchema).max(LIMITS.itemsPerPage),
  next: TextSchema.nullable(),
  /** How many entries the directory has, whatever was asked for; null on all pages but the first. */
  total: z.int().min(0).nullable(),
  /** What lies in the directory. */
  within: DirectorySumsSchema,
})
export type BrowseResponse = z.infer<typeof BrowseResponseSchema>

export const ArrangeMakeSchema = z.object({ path: FolderPathSchema.min(1) })
export const ArrangeMoveSchema = z.object({ from: FolderPathSchema.min(1), to: FolderPathSchema.min(1) })
export const ArrangeRemoveSchema = z.object({ paths: z.array(FolderPathSchema.min(1)).min(1).max(1000) })
/** How many entries a removal took, those below directories included. */
export const RemovedSchema = z.object({ removed: z.int().min(0) })

/** All that lies right in a directory, but for some, as it was at a position of the log: what came or changed later stays out. */
export const EverythingSchema = z.object({
  directory: FolderPathSchema.default(''),
  except: z.array(NameSchema).max(1000).default([]),
})
export type Everything = z.infer<typeof EverythingSchema>
export const EverythingCountSchema = z.object({
  /** What is counted: the entries right in the directory. */
  entries: z.int().min(0),
  /** Of these, directories, and what lies in those. */
  directories: z.int().min(0),
  inDirectories: z.object({ files: z.int().min(0), bytes: AmountSchema }),
  /** Of these, files, and their bytes. */
  files: z.int().min(0),
  bytes: AmountSchema,
  /** The position of the log that this was read at. */
  asOf: z.int().min(0),
})
export type EverythingCount = z.infer<typeof EverythingCountSchema>
const PART = { asOf: z.int().min(0), after: z.string().max(4096).optional() }
export const RemoveEverythingSchema = EverythingSchema.extend(PART)
/** One part of it. `next` goes on with the next part; null after the last. */
export const RemovedPartSchema = RemovedSchema.extend({
  gone: z.array(EntryIdSchema).max(LIMITS.itemsPerPage),
  next: TextSchema.nullable(),
})
export const MoveEverythingSchema = EverythingSchema.extend({
  ...PART,
  into: FolderPathSchema,
  /** Only these of the directory, and not all of it. */
  only: z.array(NameSchema).max(1000).optional(),
})
export const MovedPartSchema = z.object({
  /** Names that were moved. */
  moved: z.array(NameSchema).max(LIMITS.itemsPerPage),
  /** Names that are taken there: these stay where they are. */
  taken: z.array(NameSchema).max(LIMITS.itemsPerPage),
  next: TextSchema.nullable(),
})
export const BringBackSchema = z.object({ entries: z.array(EntryIdSchema).min(1).max(1000) })

export const UploadMissingSchema = z.object({ hashes: z.array(ChunkIdSchema).max(LIMITS.chunksPerRequest) })
export const UploadFinishSchema = z.object({
  path: FolderPathSchema.min(1),
  /** SHA-256 of the whole file. */
  hash: ContentHashSchema,
  size: z.int().min(0),
  /** In order; a file of up to `LIMITS.inlineBytes` is one chunk, the empty file has none. */
  chunks: z
    .array(z.object({ hash: ChunkIdSchema, size: z.int().min(1).max(LIMITS.chunkBytes) }))
    .max(LIMITS.chunksPerUpload),
  /** The node on whose behalf it is uploaded. */
  owner: NodeIdSchema.optional(),
})
export type UploadFinish = z.infer<typeof UploadFinishSchema>

/** One accepted version of an entry. `seq` names it in its folder. */
export const VersionViewSchema = z.object({
  seq: z.int(),
  entry: EntryIdSchema,
  path: TextSchema,
  registers: z.array(z.enum(['content', 'place', 'existence'])).max(3),
  content: ContentSchema,
  deleted: z.boolean(),
  node: NodeIdSchema,
  counter: z.int(),
  /** As in an event. */
  actor: ActorSchema.optional(),
  at: WordSchema,
})
export type VersionView = z.infer<typeof VersionViewSchema>

/** A path (live, or the newest deleted entry that had it) or an entry id. */
export const TargetQuerySchema = z.object({ path: FolderPathSchema.optional(), entry: EntryIdSchema.optional() })
export const HistoryQuerySchema = TargetQuerySchema.extend({
  before: z.coerce.number<number>().int().min(1).optional(),
  limit: z.coerce.number<number>().int().min(1).max(LIMITS.itemsPerPage).default(100),
})
export const HistoryResponseSchema = z.object({
  entry: EntryIdSchema,
  versions: z.array(VersionViewSchema).max(LIMITS.itemsPerPage),
  /** Pass as `before` for the next page. */
  next: z.int().nullable(),
})
export type HistoryResponse = z.infer<typeof HistoryResponseSchema>

export const CompareQuerySchema = z.object({
  a: z.coerce.number<number>().int().min(1),
  b: z.coerce.number().int().min(1),
})
export const CompareResponseSchema = z.object({
  a: VersionViewSchema,
  b: VersionViewSchema,
  order: OrderSchema,
  sameContent: z.boolean(),
  samePlace: z.boolean(),
})
export type CompareResponse = z.infer<typeof CompareResponseSchema>

export const RestoreRequestSchema = TargetQuerySchema.extend({
  /** The `seq` of a version. */
  version: z.int().min(1).optional(),
  /** A moment, ISO 8601: the version that stood then. */
  at: z.iso.datetime({ offset: true }).max(LIMITS.wordChars).optional(),
})
export type RestoreRequest = z.infer<typeof RestoreRequestSchema>
export const RestoreResponseSchema = z.object({ restored: z.array(EntryViewSchema).max(LIMITS.itemsPerList) })
export type RestoreResponse = z.infer<typeof RestoreResponseSchema>

/** What undoing a whole commit does, or has done; by kinds of what is done, not of what the commit did. */
export const CommitUndoSchema = z.object({
  /** Who made the commit. */
  node: NodeIdSchema,
  at: WordSchema,
  /** Files that go back to the version before. */
  edited: z.int(),
  /** Entries that the commit created, or brought back, and that go. */
  deleted: z.int(),
  /** Entries that it deleted, and that come back. */
  restored: z.int(),
  moved: z.int(),
  /** Some of the paths that change. */
  sample: z.array(TextSchema).max(LIMITS.haltSample),
  /** What stays as it is, and why; the first of them. */
  left: z.array(z.object({ path: TextSchema, why: TextSchema })).max(LIMITS.problemsPerReport),
  /** How many stay in all. */
  leftCount: z.int(),
})
export type CommitUndo = z.infer<typeof CommitUndoSchema>

export const AsOfQuerySchema = z.object({
  at: z.iso.datetime({ offset: true }).max(LIMITS.wordChars).optional(),
  seq: z.coerce.number<number>().int().min(0).optional(),
  ...Page,
})
export const AsOfResponseSchema = z.object({
  seq: z.int(),
  entries: z.array(VersionViewSchema).max(LIMITS.itemsPerPage),
  next: TextSchema.nullable(),
})
export type AsOfResponse = z.infer<typeof AsOfResponseSchema>

export const ConflictViewSchema = z.object({
  folder: FolderIdSchema,
  copy: EntryIdSchema,
  copyPath: TextSchema,
  rival: EntryIdSchema,
  rivalPath: TextSchema,
  at: WordSchema,
  settled: TextSchema.nullable(),
})
export type ConflictView = z.infer<typeof ConflictViewSchema>
export const SettleRequestSchema = z.object({
  /** `keep-both` leaves the two files as they are; the others remove one (its versions stay in history). */
  choice: z.enum(['keep-both', 'keep-original', 'keep-copy']),
})
export type SettleRequest = z.infer<typeof SettleRequestSchema>

/** A file of the original interface. */
export const FileViewSchema = z.object({
  id: EntryIdSchema,
  folder: FolderIdSchema,
  path: TextSchema,
  name: WordSchema,
  size: z.int(),
  hash: TextSchema,
  modified_at: WordSchema,
  version: z.int(),
})
export type FileView = z.infer<typeof FileViewSchema>
export const FilesQuerySchema = z.object({
  /** Id or name; without it, the only folder there is. */
  folder: z.string().max(64).optional(),
  prefix: z.string().max(4096).default(''),
  search: z.string().max(255).optional(),
  ...Page,
})
export const FilesResponseSchema = z.object({
  files: z.array(FileViewSchema).max(LIMITS.itemsPerPage),
  next: TextSchema.nullable(),
})
export type FilesResponse = z.infer<typeof FilesResponseSchema>

// ── events ───────────────────────────────────────────────────────────────────

export const EventsQuerySchema = z.object({
  after: z.coerce.number<number>().int().min(0).optional(),
  before: z.coerce.number<number>().int().min(1).optional(),
  folder: FolderIdSchema.optional(),
  node: NodeIdSchema.optional(),
  entry: EntryIdSchema.optional(),
  kinds: z
    .string()
    .max(1024)
    .transform((text) => text.split(','))
    .pipe(z.array(EventKindSchema).max(64))
    .optional(),
  limit: z.coerce.number<number>().int().min(1).max(LIMITS.itemsPerPage).default(100),
})
export const EventsResponseSchema = z.object({ events: z.array(HistoryEventSchema).max(LIMITS.itemsPerPage) })
export type EventsResponse = z.infer<typeof EventsResponseSchema>
export const EventOrderQuerySchema = z.object({
  a: z.coerce.number<number>().int().min(1),
  b: z.coerce.number<number>().int().min(1),
})
export const EventOrderResponseSchema = z.object({ order: OrderSchema })

/** What crosses between the coordinator and a node, counted at its sockets: headers included, TCP's own bytes not. */
export const NodeTrafficSchema = z.object({
  node: NodeIdSchema,
  /** From the node to the coordinator. */
  upBytesPerSecond: AmountSchema,
  downBytesPerSecond: AmountSchema,
  /** How long a message to the node and back last took; null before the first. */
  roundTripMs: AmountSchema.nullable(),
  /** What it receives from other nodes, and lately did; left out where that is none. */
  fromPeers: z
    .array(z.object({ node: NodeIdSchema, bytesPerSecond: AmountSchema }))
    .max(LIMITS.peersPerAnswer)
    .optional(),
})
export type NodeTraffic = z.infer<typeof NodeTrafficSchema>

/** To people and dashboards over `/ws`, as JSON. */
export const LiveMessageSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('hello'), coordinator: WordSchema, position: z.int() }),
  z.object({ kind: z.literal('event'), event: HistoryEventSchema }),
  z.object({ kind: z.literal('node'), node: NodeViewSchema }),
  z.object({ kind: z.literal('node-removed'), node: NodeIdSchema }),
  z.object({ kind: z.literal('report'), node: NodeIdSchema, report: FolderReportSchema }),
  /** Rates over the last second or so; nodes whose rate is nothing, and was, are left out. */
  z.object({ kind: z.literal('traffic'), nodes: z.array(NodeTrafficSchema).max(LIMITS.nodesPerVector) }),
  /** What the ledger has noted since the last such message: the newest of it, and how many there were in all. */
  z.object({
    kind: z.literal('transfers'),
    transfers: z.array(TransferSchema).max(LIMITS.itemsPerPage),
    noted: z.int(),
  }),
  z.object({ kind: z.literal('error'), code: WordSchema, message: TextSchema }),
])
export type LiveMessage = z.infer<typeof LiveMessageSchema>
/** From them: every event after a position, first the kept ones, then live, without gap or repeat. */
export const SubscribeMessageSchema = z.object({
  subscribe: z.object({ after: z.int().min(0), folder: FolderIdSchema.optional() }),
})
export type SubscribeMessage = z.infer<typeof SubscribeMessageSchema>

// ── the coordinator itself ───────────────────────────────────────────────────

/** Measured by one coordinator since it started, except where a field says otherwise. */
export const MetricsSchema = z.object({
  /** Which of those that serve the same store this is. */
  coordinator: WordSchema,
  /** At whichever coordinator, as are folders, files, bytes, conflicts, savings and awaited chunks. */
  nodes: z.object({ registered: z.int(), online: z.int() }),
  folders: z.int(),
  files: z.int(),
  /** Plain bytes of all live files. */
  bytes: AmountSchema,
  /** Open conflicts now. */
  conflicts: z.int(),
  /** Accepted operations, by commits, and refused ones. */
  commits: z.int(),
  operations: z.object({ accepted: z.int(), refused: z.int() }),
  /** Share of operations that were not refused; null before the first. */
  successRate: z.number().min(0).max(1).nullable(),
  /**
   * From a node's first notice of a saved file to the answer that the commit with it stands, by that node's own clock;
   * null before the first.
   */
  saveLatencyMs: z.object({ p50: AmountSchema.nullable(), p99: AmountSchema.nullable() }),
  /** From a commit's arrival to its answer; null before the first. */
  commitLatencyMs: z.object({ p50: AmountSchema.nullable(), p99: AmountSchema.nullable() }),
  /** From a commit's being durable to its having been given to the socket of every node that follows; null before the first. */
  fanOutLatencyMs: z.object({ p50: AmountSchema.nullable(), p99: AmountSchema.nullable() }),
  /** The same as histograms, and how long commits took to be on the disk of each node whose link stood. */
  latency: z.object({
    /** Upper bounds of the buckets, in milliseconds; a last bucket holds what took longer. */
    boundsMs: z.array(AmountSchema).max(LIMITS.bucketsPerHistogram),
    /** As the nodes say. What waited for the link counts with its wait; what no watcher noticed is not counted. */
    save: HistogramSchema,
    saveByNode: z.array(NodeLatencySchema).max(LIMITS.nodesPerVector),
    commit: HistogramSchema,
    fanOut: HistogramSchema,
    /**
     * From a commit's being durable to a node's having said that it is on its disk. Nodes say so at most every 100 ms,
     * so this reads up to 100 ms long.
     */
    delivery: HistogramSchema,
    deliveryByNode: z.array(NodeLatencySchema).max(LIMITS.nodesPerVector),
  }),
  /** Bytes of request and answer bodies and of link messages. */
  wire: z.object({ bytesIn: AmountSchema, bytesOut: AmountSchema }),
  /** What crossed the wire for contents, both ways, since the first start; see `/api/v1/savings` for more. */
  savings: SavingsSchema.extend({
    /** Share of the files' bytes that did not have to cross; null before the first. */
    savedShare: SignedSchema.max(1).nullable(),
  }),
  /** Chunks whose bytes the coordinator's disk has spoilt; `awaited`: those no node has sent again yet, from any start. */
  damagedChunks: z.object({ found: z.int(), awaited: z.int() }),
  /** What is wrong with the coordinator's own disks, in plain words; empty where all is well. */
  storageProblems: z.array(z.string().max(LIMITS.problemChars)).max(LIMITS.problemsPerReport),
  /** The disk with the least room above what is kept in reserve; null where none is watched. */
  disk: z.object({ freeBytes: AmountSchema, reserveBytes: AmountSchema, isShort: z.boolean() }).nullable(),
  uptimeSeconds: AmountSchema,
})
export type Metrics = z.infer<typeof MetricsSchema>

/** What a device that was lost held when its rights ended: whoever has it now may have all of that. */
export const LostDeviceSchema = z.object({
  node: NodeIdSchema,
  name: WordSchema,
  registeredAt: WordSchema,
  lastSeenAt: WordSchema,
  address: WordSchema,
  folders: z
    .array(
      z.object({
        folder: FolderIdSchema,
        name: WordSchema,
        access: AccessSchema,
        /** When it last joined the folder; null where the history no longer says. */
        since: WordSchema.nullable(),
        /** How far it had come in the folder's log, of how much. */
        applied: z.int(),
        head: z.int(),
        /** What is in the folder now. */
        files: z.int(),
        bytes: AmountSchema,
      }),
    )
    .max(LIMITS.foldersPerNode),
})
export type LostDevice = z.infer<typeof LostDeviceSchema>

export const HealthSchema = z.object({ status: z.literal('ok'), coordinator: WordSchema, version: z.int() })
/** Of a process that answers. */
export const AliveSchema = z.object({ status: z.literal('ok') })
export const ReadinessSchema = z.object({
  status: z.enum(['ready', 'not-ready']),
  /** Why requests should go elsewhere, in words for whoever runs the coordinator. */
  reason: TextSchema.optional(),
})
export const OkSchema = z.object({ ok: z.literal(true) })
