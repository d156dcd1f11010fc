import {
  SyncError,
  type Access,
  type Assignments,
  type CarriedFolder,
  type FolderEnd,
  type FolderId,
  type FolderOffer,
  type LinkSessionResponse,
} from '@causeway/protocol'
import { bindRoot, unbindRoot } from '@causeway/replica'
import { messageOf } from '../link/json-call.ts'
import type { Binding, FormerBinding, NodeRecord } from '../state/node-record.ts'
import { withBinding, withoutBinding, type StateDirectory } from '../state/state-directory.ts'
import { placeFor, refuseUnfit } from './directories.ts'
import { offerCommands } from './offer-commands.ts'
import { isDoubtful, NOTHING_TOLD, standingOf, type Told } from './standing.ts'

/** A folder that was given to this node, which has no directory for it yet. */
export interface OfferStatus {
  readonly folder: FolderId
  readonly name: string
  readonly access: Access
  /** Why it was not taken without asking; null where there is nothing to say. */
  readonly reason: string | null
  /** Where this node kept it before. */
  readonly formerDirectory: string | null
}

/** A folder that was synced here, and is no longer. */
export type FormerStatus = Pick<FormerBinding, 'folder' | 'name' | 'directory' | 'why' | 'endedAt'>

export interface Accepted {
  readonly name: string
  readonly directory: string
  readonly access: Access
}

/** Follows what people decide about this node's folders: takes what it may, asks for the rest, ends what is over. */
export interface NodeAssignments {
  signedIn(session: LinkSessionResponse): void
  told(assignments: Assignments): void
  /** Takes an offered folder, by id or name, into a directory (absolute); null is where it was before. */
  accept(folder: string, directory: string | null): Promise<Accepted>
  /** Says that this node does not want an offered folder, by id or name. */
  decline(folder: string): Promise<{ readonly name: string }>
  readonly offers: readonly OfferStatus[]
  readonly former: readonly FormerStatus[]
  /** When nothing is under way. Nothing is begun after that. */
  stop(): Promise<void>
}

export interface NodeAssignmentsPorts {
  readonly state: Pick<StateDirectory, 'record' | 'update' | 'forgetFolder' | 'locations'>
  /** Signs in now, which calls `signedIn`, too. */
  renew(): Promise<unknown>
  acceptAtCoordinator(folder: FolderId, watchDirectories: readonly string[]): Promise<CarriedFolder>
  declineAtCoordinator(folder: FolderId): Promise<void>
  /** What leads a command to this node, after a space; empty where it finds it by itself. */
  readonly stateOption: string
  /** The directory as the system names it, made if it is not there. */
  usableDirectory(directory: string): Promise<string>
  begin(binding: Binding, carried: CarriedFolder): void
  /** Returns once nothing of the folder is under way. */
  end(folder: FolderId): Promise<void>
  /** Tells the node's person. */
  say(line: string): void
  changed(): void
  wallNow(): number
}

export function createNodeAssignments(ports: NodeAssignmentsPorts): NodeAssignments {
  const { state, say, changed } = ports
  let told: Told = NOTHING_TOLD
  let work: Promise<unknown> = Promise.resolve()
  let isConfirming = false
  let isStopped = false
  const reasons = new Map<FolderId, string | null>()

  /** One thing at a time: what a sign-in tells within a turn is not older than what the turn began with. */
  function inTurn<T>(step: () => Promise<T>): Promise<T> {
    const turn = work.then(step)
    work = turn.catch(() => undefined)
    return turn
  }

  function later(step: () => Promise<void>): void {
    inTurn(async () => {
      if (!isStopped) await step()
    }).catch((error: unknown) =>
      say(`could not follow what was decided about this node's folders: ${messageOf(error)}`),
    )
  }

  function recordNow(): NodeRecord {
    if (state.record === undefined) throw new SyncError('internal', 'the node that runs is not enrolled')
    return state.record
  }

  const boundNow = (): FolderId[] => recordNow().folders.map(({ folder }) => folder)
  const standing = () => standingOf(boundNow(), told)

  async function confirm(): Promise<void> {
    isConfirming = true
    try {
      // Without an answer everything stays as it is: the next sign-in tells it again.
      if (
        !(await ports.renew().then(
          () => true,
          () => false,
        ))
      )
        return
    } finally {
      isConfirming = false
    }
    for (const end of standing().ended) await endFolder(end)
    await takeOffers()
  }

  async function endFolder({ id, why }: FolderEnd): Promise<void> {
    const binding = recordNow().folders.find(({ folder }) => folder === id)
    if (binding === undefined) return
    await ports.end(id)
    const endedAt = new Date(ports.wallNow()).toISOString()
    await state.update((known) => withoutBinding(known, id, { why, endedAt }))
    await state.forgetFolder(id)
    const { name, directory, nonce } = binding
    say(formerWords({ name, why, directory }))
    changed()
    try {
      unbindRoot(directory, { folder: id, nonce, keepMarker: why === 'folder-removed' })
    } catch (error) {
      say(`what Causeway kept for itself in ${directory} could not be removed: ${messageOf(error)}`)
    }
  }

  async function takeOffers(): Promise<void> {
    for (const offer of standing().offers) {
      const isNew = !reasons.has(offer.id)
      const { isTaken, reason } = await takeByItself(offer).catch((error: unknown) => {
        return { isTaken: false, reason: messageOf(error) }
      })
      if (isTaken) continue
      reasons.set(offer.id, reason)
      const { accept, decline } = offerCommands(offer, ports.stateOption)
      if (isNew)
        say(`${offer.name} is offered to this node (${offer.access}): "${accept}" accepts it, "${decline}" declines it`)
      if (isNew && reason !== null) say(`  ${reason}`)
    }
    changed()
  }

  /** Where a person has to say where it goes, `reason` may say why. */
  async function takeByItself(
    offer: FolderOffer,
  ): Promise<{ readonly isTaken: boolean; readonly reason: string | null }> {
    const place = await placeFor(recordNow(), offer)
    if (place.kind === 'ask') return { isTaken: false, reason: place.reason }
    await take(offer, place.directory)
    say(`${offer.name} was given to this node (${offer.access}): it is kept in ${place.directory}`)
    return { isTaken: true, reason: null }
  }

  async function take({ id }: FolderOffer, directory: string): Promise<CarriedFolder> {
    const record = recordNow()
    const carried = await ports.acceptAtCoordinator(id, [...record.folders.map((bound) => bound.directory), directory])
    // Nothing is deleted by what an earlier time knew: both sides are merged.
    await state.forgetFolder(id)
    const binding = {
      folder: id,
      name: carried.name,
      directory,
      access: carried.access,
      nonce: bindRoot(directory, id),
    }
    await state.update((known) => withBinding(known, binding))
    const others = withoutFolder(told, id)
    told = { ...others, carried: [...others.carried, carried] }
    reasons.delete(id)
    ports.begin(binding, carried)
    changed()
    return carried
  }

  return {
    signedIn({ folders, assignments = NOTHING_TOLD.assignments }) {
      told = { carried: folders, assignments }
      forgetReasons()
      changed()
      rememberNames(folders)
      if (isConfirming) return
      if (standing().ended.length > 0) later(confirm)
      else if (standing().offers.length > 0) later(takeOffers)
    },
    told(assignments) {
      if (isDoubtful(boundNow(), assignments)) {
        later(confirm)
        return
      }
      told = { ...told, assignments }
      forgetReasons()
      changed()
      if (standing().offers.length > 0) later(takeOffers)
    },
    accept: (wanted, given) =>
      inTurn(async () => {
        const offer = offerMeant(standing().offers, recordNow(), wanted)
        const former = formerOf(recordNow(), offer.id)
        const named = given ?? former?.directory
        if (named === undefined) {
          const { accept } = offerCommands(offer, ports.stateOption)
          throw new SyncError('bad-request', `say where ${offer.name} is to be kept: ${accept}`)
        }
        const directory = await ports.usableDirectory(named)
        refuseUnfit(recordNow(), { directory, folder: offer.id, state: state.locations.root })
        const { name, access } = await take(offer, directory)
        return { name, directory, access }
      }),
    decline: (wanted) =>
      inTurn(async () => {
        const { id, name } = offerMeant(standing().offers, recordNow(), wanted)
        await ports.declineAtCoordinator(id)
        told = withoutFolder(told, id)
        reasons.delete(id)
        changed()
        return { name }
      }),
    get offers() {
      return standing().offers.map(({ id, name, access }) => {
        const formerDirectory = formerOf(recordNow(), id)?.directory ?? null
        return { folder: id, name, access, reason: reasons.get(id) ?? null, formerDirectory }
      })
    },
    get former() {
      return (recordNow().former ?? []).map(({ folder, name, directory, why, endedAt }) => {
        return { folder, name, directory, why, endedAt }
      })
    },
    async stop() {
      isStopped = true
      await work
    },
  }

  /** Folders that a person renamed are called so here from the next start on. */
  function rememberNames(carried: readonly CarriedFolder[]): void {
    const names = new Map(carried.map(({ id, name }) => [id, name]))
    const nameOf = ({ folder, name }: Binding): string => names.get(folder) ?? name
    if (recordNow().folders.every((bound) => nameOf(bound) === bound.name)) return
    later(() =>
      state.update((known) => ({
        ...known,
        folders: known.folders.map((bound) => ({ ...bound, name: nameOf(bound) })),
      })),
    )
  }

  /** What is offered no longer is news when it is offered again. */
  function forgetReasons(): void {
    const open = new Set(standing().offers.map(({ id }) => id))
    for (const id of reasons.keys()) if (!open.has(id)) reasons.delete(id)
  }
}

function withoutFolder({ carried, assignments: { offers, ended } }: Told, id: FolderId): Told {
  const isOther = (known: { readonly id: FolderId }): boolean => known.id !== id
  return {
    carried: carried.filter(isOther),
    assignments: { offers: offers.filter(isOther), ended: ended.filter(isOther) },
  }
}

/** What a person is told of a folder that is synced no longer. */
export function formerWords({ name, why, directory }: Pick<FormerStatus, 'name' | 'why' | 'directory'>): string {
  return `${name} is no longer synced here: ${WHY[why]}. Its files stay in ${directory}.`
}

const WHY: Readonly<Record<FormerBinding['why'], string>> = {
  'taken-away': 'it was taken away from this node at the coordinator',
  'folder-removed': 'the folder was removed at the coordinator, and syncing resumes here if it is restored',
}

function formerOf({ former }: NodeRecord, id: FolderId): FormerBinding | undefined {
  return former?.find(({ folder }) => folder === id)
}

function offerMeant(offers: readonly FolderOffer[], { folders }: NodeRecord, wanted: string): FolderOffer {
  const found = offers.find(({ id, name }) => id === wanted || name === wanted)
  if (found !== undefined) return found
  const bound = folders.find(({ folder, name }) => folder === wanted || name === wanted)
  if (bound !== undefined)
    throw new SyncError('already-exists', `this node keeps ${bound.name} in ${bound.directory} already`)
  const names = offers.map(({ name }) => name).join(', ')
  const known = names === '' ? 'Nothing is offered to it.' : `Offered to it: ${names}.`
  throw new SyncError('not-found', `no folder ${wanted} is offered to this node. ${known}`)
}
