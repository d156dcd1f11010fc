import { SyncError, type DeleteBrake, type FolderId, type FolderView } from '@causeway/protocol'
import type { FolderRow, FolderSettings, MetadataReader } from '@causeway/store'
import { uuidOf } from '@causeway/time'
import {
  announceEvents,
  folderIdOf,
  folderMeant,
  folderOf,
  folderRemoved,
  isInUse,
  isoNow,
  noteEvent,
} from '@causeway/log'
import type { Acting } from '../ports/acting.ts'
import type { Context } from '../ports/context.ts'

export interface FolderChange {
  readonly name?: string | undefined
  readonly settings?: { readonly [Key in keyof FolderSettings]?: FolderSettings[Key] | undefined } | undefined
}

export interface Folders {
  /** Makes a folder; its id is the name in lower case with dashes. Throws `already-exists`. */
  create(name: string): Promise<FolderView>
  /** Makes a folder unless there is one of this id. */
  ensure(name: string): Promise<FolderView>
  list(): Promise<readonly FolderView[]>
  get(id: FolderId): Promise<FolderView>
  /**
   * The folder that a person means by id or name; without either, the only one there is. Throws `not-found`, with the
   * names there are, and `bad-request` where nothing was named and there are several. Whoever may not see all folders
   * says which: for them there are no others.
   */
  meant(text: string | undefined, isSeen?: (folder: FolderId) => boolean): Promise<FolderId>
  /** The same for an upload by a caller that may know of no folders: the first one makes `FIRST_FOLDER`. */
  meantForUpload(text: string | undefined): Promise<FolderId>
  change(id: FolderId, change: FolderChange): Promise<FolderView>
  /** Lifts a halt: nodes may send the deletes they hold back. */
  resume(acting: Acting): Promise<FolderView>
}

/** What is uploaded without a folder's name comes here while there is no folder at all. */
const FIRST_FOLDER = 'Files'

const DEFAULT_SETTINGS: FolderSettings = {
  deleteBrakeShare: 0.5,
  deleteBrakeMin: 20,
  keepAllDays: 30,
  keepThinnedDays: null,
  quotaBytes: null,
}

export function createFolders(context: Context): Folders {
  const { metadata, clock, random, signals, broadcasts } = context

  async function insert(name: string, onTaken: 'keep' | 'throw'): Promise<FolderView> {
    const id = folderIdOf(name)
    const row: FolderRow = {
      id,
      name,
      epoch: uuidOf(random),
      head: 0,
      tag: '',
      clock: {},
      settings: DEFAULT_SETTINGS,
      halted: null,
      createdAt: isoNow(clock),
      revision: 0,
    }
    return metadata.write(async (tx) => {
      const known = await tx.folder(id)
      if (known?.removed !== undefined) throw new SyncError('already-exists', folderRemoved(known).message)
      if (known !== undefined && onTaken === 'throw')
        throw new SyncError('already-exists', `there is a folder ${id} already`)
      if (known === undefined) await tx.createFolder(row)
      return folderView(tx, known ?? row)
    })
  }

  const meant: Folders['meant'] = (text, isSeen = () => true) =>
    metadata.read(
      async (tx) =>
        folderMeant(
          (await tx.folders()).filter(({ id }) => isSeen(id)),
          text,
        ).id,
    )

  return {
    create: (name) => insert(name, 'throw'),
    ensure: (name) => insert(name, 'keep'),
    list: () =>
      metadata.read(async (tx) => Promise.all((await tx.folders()).filter(isInUse).map((row) => folderView(tx, row)))),
    get: (id) => metadata.read(async (tx) => folderView(tx, await folderOf(tx, id))),
    meant,
    async meantForUpload(text) {
      if (text === undefined && !(await metadata.read((tx) => tx.folders())).some(isInUse)) {
        return (await insert(FIRST_FOLDER, 'keep')).id
      }
      return meant(text)
    },
    async change(id, { name, settings }) {
      const view = await metadata.write(async (tx) => {
        const row = await folderOf(tx, id)
        if (name !== undefined) await refuseTakenName(tx, id, name)
        await tx.updateFolder(id, {
          ...(name !== undefined && { name }),
          ...(settings !== undefined && { settings: changed(row.settings, settings) }),
        })
        return folderView(tx, await folderOf(tx, id))
      })
      if (settings !== undefined) signals.publish('delete-brake', { folder: id })
      return view
    },
    async resume({ folder: id, by }) {
      const at = isoNow(clock)
      const { view, events } = await metadata.write(async (tx) => {
        const row = await folderOf(tx, id)
        const reason =
          row.halted === null
            ? 'A person resumed the folder.'
            : `A person resumed the folder. It had halted: ${row.halted}`
        const events = await noteEvent(tx, row, at, { kind: 'resume', reason, actor: by, halted: null })
        return { view: await folderView(tx, await folderOf(tx, id)), events }
      })
      announceEvents(context, events)
      broadcasts.publish('halt-settled', { folder: id, node: null, choice: 'let-go' })
      return view
    },
  }
}

/** Two folders of one name could not be told apart. */
async function refuseTakenName(tx: MetadataReader, id: FolderId, name: string): Promise<void> {
  const other = (await tx.folders()).find((row) => row.id !== id && row.name === name && isInUse(row))
  if (other !== undefined) throw new SyncError('already-exists', `there is another folder named ${name}`)
}

/** The folder's brake as nodes are told of it. */
export function deleteBrakeOf({ deleteBrakeShare, deleteBrakeMin }: FolderSettings): DeleteBrake {
  return { share: deleteBrakeShare, min: deleteBrakeMin }
}

export async function folderView(tx: MetadataReader, row: FolderRow): Promise<FolderView> {
  const { id, name, epoch, head, clock, settings, halted, createdAt } = row
  const counts = await tx.counts(id)
  const open = await tx.conflicts(id, { open: true })
  return { id, name, epoch, head, clock, settings, halted, createdAt, counts, openConflicts: open.length }
}

function changed(settings: FolderSettings, change: NonNullable<FolderChange['settings']>): FolderSettings {
  const { deleteBrakeShare, deleteBrakeMin, keepAllDays, keepThinnedDays, quotaBytes } = change
  return {
    deleteBrakeShare: deleteBrakeShare ?? settings.deleteBrakeShare,
    deleteBrakeMin: deleteBrakeMin ?? settings.deleteBrakeMin,
    keepAllDays: keepAllDays ?? settings.keepAllDays,
    keepThinnedDays: keepThinnedDays === undefined ? settings.keepThinnedDays : keepThinnedDays,
    quotaBytes: quotaBytes === undefined ? settings.quotaBytes : quotaBytes,
  }
}
