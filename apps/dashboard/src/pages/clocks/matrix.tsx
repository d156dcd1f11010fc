import { Text, Title } from '@mantine/core'
import type { FolderView, MembershipView } from '@causeway/protocol'
import { memo, useMemo } from 'react'
import { count } from '../../parts/format.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { seenMatrix } from './space-time.ts'
import look from './clocks.module.css'

/** How far each node has heard of each other. */
export const Matrix = memo(function Matrix({
  folder,
  members,
}: {
  readonly folder: FolderView
  readonly members: readonly MembershipView[]
}) {
  const { nodes, seen, newest } = useMemo(() => seenMatrix(folder.clock, members), [folder.clock, members])
  return (
    <section aria-labelledby="matrix-title">
      <Title order={2} id="matrix-title">
        Who has seen what
      </Title>
      <Text size="sm" c="dimmed" mb="xs">
        Each row is a node; each column shows how far it has heard from another. Where events are missing, the cell
        shows how many.
      </Text>
      <div style={{ overflowX: 'auto' }} tabIndex={0} role="group" aria-label="Scrollable table">
        <table className={look.matrix}>
          <thead>
            <tr>
              <th scope="col">has seen of →</th>
              {nodes.map((node) => (
                <th key={node} scope="col">
                  <NodeName node={node} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {nodes.map((node, row) => (
              <tr key={node}>
                <th scope="row">
                  <NodeName node={node} />
                </th>
                {nodes.map((other, column) => (
                  <Cell
                    key={other}
                    seen={seen[row]?.[column] ?? null}
                    newest={newest[column] ?? 0}
                    own={row === column}
                  />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </section>
  )
})

function Cell({ seen, newest, own }: { readonly seen: number | null; readonly newest: number; readonly own: boolean }) {
  const lacks = newest - (seen ?? 0)
  return (
    <td style={lacks > 0 ? { color: 'var(--state-attention)' } : own ? { fontWeight: 600 } : undefined}>
      {seen === null ? '–' : count(seen)}
      {lacks > 0 && ` ▲ ${count(lacks)}`}
    </td>
  )
}
