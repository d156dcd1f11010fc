import type { FolderId, FolderRole, GrantedRole, RightsView, TokenScope } from '@causeway/protocol'

/** What a person may do, by whatever they came: a session has all of it, a token as much as its scope says. */
export interface PersonRights {
  /** What is for admins: all of it, what changes nothing, or none. */
  readonly administers: 'all' | 'reads' | 'nothing'
  /** The role in every folder, those to come included; null where it depends on the folder. */
  readonly everywhere: FolderRole | null
  readonly folders: ReadonlyMap<FolderId, FolderRole>
}

export const ALL_RIGHTS: PersonRights = { administers: 'all', everywhere: 'editor', folders: new Map() }

export function rightsOf(isAdmin: boolean, roles: readonly GrantedRole[]): PersonRights {
  if (isAdmin) return ALL_RIGHTS
  const folders = new Map(roles.map(({ folder, role }) => [folder, role]))
  return { administers: 'nothing', everywhere: null, folders }
}

/** What is left of somebody's rights in the hands of a token: never more than they have themselves. */
export function narrowed(
  rights: PersonRights,
  { scope, folders }: { readonly scope: TokenScope; readonly folders: readonly FolderId[] | null },
): PersonRights {
  const mostRole: FolderRole = scope === 'read' ? 'viewer' : 'editor'
  const least = (role: FolderRole): FolderRole => (mostRole === 'viewer' ? 'viewer' : role)
  if (folders !== null) {
    const kept = folders.flatMap((folder) => {
      const role = roleIn(rights, folder)
      return role === null ? [] : [[folder, least(role)] as const]
    })
    return { administers: 'nothing', everywhere: null, folders: new Map(kept) }
  }
  return {
    administers: rights.administers === 'all' && scope !== 'admin' ? 'reads' : rights.administers,
    everywhere: rights.everywhere === null ? null : least(rights.everywhere),
    folders: new Map([...rights.folders].map(([folder, role]) => [folder, least(role)])),
  }
}

/** What somebody is in a folder; null for one that is none of theirs, or is not there. */
export function roleIn({ everywhere, folders }: PersonRights, folder: FolderId): FolderRole | null {
  return folders.get(folder) ?? everywhere
}

export function maySee(rights: PersonRights, folder: FolderId): boolean {
  return roleIn(rights, folder) !== null
}

/** The folders that somebody may see; undefined for all. */
export function seenBy({ everywhere, folders }: PersonRights): readonly FolderId[] | undefined {
  return everywhere === null ? [...folders.keys()] : undefined
}

export function rightsView({ administers, everywhere, folders }: PersonRights): RightsView {
  return { administers, everywhere, folders: [...folders].map(([folder, role]) => ({ folder, role })) }
}

export function sameRights(a: PersonRights, b: PersonRights): boolean {
  return JSON.stringify(rightsView(a)) === JSON.stringify(rightsView(b))
}
