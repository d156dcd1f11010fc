import type { Access, FolderRight } from '@causeway/protocol'

const RIGHTS: Readonly<Record<Access, ReadonlySet<FolderRight>>> = {
  'read-write': new Set(['list', 'read', 'send', 'repair', 'change']),
  'send-only': new Set(['list', 'send', 'repair']),
  'receive-only': new Set(['list', 'read', 'repair']),
}

export function mayUse(access: Access, right: FolderRight): boolean {
  return RIGHTS[access].has(right)
}
