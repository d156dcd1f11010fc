import type { FolderId } from '@causeway/protocol'
import { Text } from '@mantine/core'
import type { ReactNode } from 'react'
import { useMay, useSession } from '../data/rights.ts'

/** What admins alone are offered; nothing for the others. */
export function ForAdmins({ children }: { readonly children: ReactNode }) {
  return useMay().administer ? children : null
}

/** What changes a folder: for those alone who may. */
export function ForEditors({ folder, children }: { readonly folder: FolderId; readonly children: ReactNode }) {
  return useMay().change(folder) ? children : null
}

/** A page that others who came by its address are told is not for them. */
export function AdminsPage({ children }: { readonly children: ReactNode }) {
  return <PageFor isTheirs={useMay().administer}>{children}</PageFor>
}

/** A page about all folders at once. */
export function AllFoldersPage({ children }: { readonly children: ReactNode }) {
  return <PageFor isTheirs={useMay().seeAll}>{children}</PageFor>
}

function PageFor({ isTheirs, children }: { readonly isTheirs: boolean; readonly children: ReactNode }) {
  if (useSession() === undefined) return null
  return isTheirs ? children : <Text>This page is for admins. Ask one of them if you need something from it.</Text>
}
