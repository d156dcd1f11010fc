import { Table, Text } from '@mantine/core'
import type { FolderId } from '@causeway/protocol'
import { useLive } from '../../live/use-live.ts'
import { ago, plural } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { useNow } from '../../parts/clock.ts'
import { STAND_SHAPE, standsOf, standWords } from './stands.ts'

/** Which node has the newest version, and what holds the others back. */
export function Where({
  folder,
  path,
  seq,
}: {
  readonly folder: FolderId
  readonly path: string
  readonly seq: number
}) {
  const nodes = useLive((state) => state.nodes)
  const now = useNow()
  const stands = standsOf(nodes.values(), folder, { path, seq })
  const waiting = stands.filter(({ stand }) => stand.kind !== 'has').length
  if (stands.length === 0) return <Text size="sm">No node has this folder.</Text>
  return (
    <>
      <Text size="sm" mb="sm">
        {waiting === 0
          ? stands.length === 1
            ? 'The only node with this folder has the newest version.'
            : `All ${stands.length} nodes have the newest version.`
          : `${plural(waiting, 'node')} of ${stands.length} ${waiting === 1 ? 'does' : 'do'} not have the newest version yet.`}
      </Text>
      <Table fz="sm" verticalSpacing={6}>
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th>State, and what holds it back</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {stands.map(({ node, name, stand }) => {
            const { shape, colour } = STAND_SHAPE[stand.kind]
            return (
              <Table.Tr key={node}>
                <Table.Td fw={600}>
                  <Name text={name} />
                </Table.Td>
                <Table.Td>
                  <span aria-hidden="true" style={{ color: colour }}>
                    {shape}
                  </span>{' '}
                  {standWords(stand, (at) => ago(Date.parse(at), now))}
                  {stand.kind === 'problem' && ` (${stand.code})`}
                </Table.Td>
              </Table.Tr>
            )
          })}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed" mt="sm">
        The Sync Monitor shows what each node is doing now. Why a single path waits, step by step, will be told here
        too.
      </Text>
    </>
  )
}
