import type { FolderView, GrantedRole } from '@causeway/protocol'
import { listOf } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'

interface Rights {
  readonly isAdmin: boolean
  readonly roles: readonly GrantedRole[]
}

/** What somebody may do, in a few words. */
export function roleWords({ isAdmin, roles }: Rights, folders: readonly Pick<FolderView, 'id' | 'name'>[]): string {
  if (isAdmin) return 'everything (admin)'
  const named = (wanted: GrantedRole['role']): string[] =>
    roles
      .filter(({ role }) => role === wanted)
      .map(({ folder }) => isolated(folders.find(({ id }) => id === folder)?.name ?? folder))
  const [changed, seen] = [named('editor'), named('viewer')]
  const parts = [
    ...(changed.length > 0 ? [`change ${listOf(changed)}`] : []),
    ...(seen.length > 0 ? [`view ${listOf(seen)}`] : []),
  ]
  return parts.join('; ') || 'nothing yet'
}
