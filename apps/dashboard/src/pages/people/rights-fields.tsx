import { Checkbox, Select, Stack, Table, Text } from '@mantine/core'
import type { FolderView, GrantedRole } from '@causeway/protocol'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'

export interface Rights {
  readonly isAdmin: boolean
  readonly roles: readonly GrantedRole[]
}

interface RightsProps {
  readonly rights: Rights
  readonly folders: readonly FolderView[]
  become(rights: Rights): void
}

const ROLES = [
  { value: 'none', label: 'No access' },
  { value: 'viewer', label: 'Can view' },
  { value: 'editor', label: 'Can change' },
]

/** What somebody may do: everything, or what each folder says. */
export function RightsFields({ rights, folders, become }: RightsProps) {
  const { isAdmin, roles } = rights
  const roleOf = (folder: FolderView): string => roles.find((one) => one.folder === folder.id)?.role ?? 'none'

  function give(folder: FolderView, role: string | null): void {
    const others = roles.filter((one) => one.folder !== folder.id)
    become({
      isAdmin,
      roles: role === 'viewer' || role === 'editor' ? [...others, { folder: folder.id, role }] : others,
    })
  }

  return (
    <Stack gap="sm">
      <Checkbox
        label="Admin"
        description="Can see and change everything: folders, nodes, people, settings."
        checked={isAdmin}
        onChange={(event) => become({ roles, isAdmin: event.currentTarget.checked })}
      />
      {!isAdmin && folders.length === 0 && <Text size="sm">There is no folder to give access to yet.</Text>}
      {!isAdmin && folders.length > 0 && (
        <Table withRowBorders={false} verticalSpacing={4} fz="sm" aria-label="Folders">
          <Table.Tbody>
            {folders.map((folder) => (
              <Table.Tr key={folder.id}>
                <Table.Td style={{ overflowWrap: 'anywhere' }}>
                  <Name text={folder.name} />
                </Table.Td>
                <Table.Td w={170}>
                  <Select
                    size="xs"
                    aria-label={`In ${isolated(folder.name)}`}
                    data={ROLES}
                    value={roleOf(folder)}
                    allowDeselect={false}
                    onChange={(role) => give(folder, role)}
                  />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
    </Stack>
  )
}
