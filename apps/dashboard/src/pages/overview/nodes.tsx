import { Button } from '@mantine/core'
import type { FolderId, NodeId } from '@causeway/protocol'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { useFolders } from '../../data/folders.ts'
import { useLive } from '../../live/use-live.ts'
import { Ago } from '../../parts/ago.tsx'
import { Pair } from '../../parts/detail.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { rate } from '../../parts/format.ts'
import { conditionOf, StateMark } from '../../parts/state-mark.tsx'
import { outOfStepBy } from './node-words.ts'
import look from './overview.module.css'

/** Not needed until a node is chosen. */
const NodeDetail = lazy(async () => ({ default: (await import('./node-detail.tsx')).NodeDetail }))

/** One line a machine. */
export function Nodes({ onAdd }: { readonly onAdd: () => void }) {
  const nodes = useLive((state) => state.nodes)
  const connection = useLive((state) => state.connection)
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const rows = [...nodes.values()].toSorted((a, b) => a.name.localeCompare(b.name))
  const { data: folders } = useFolders()
  const nameOf = (folder: FolderId): string => folders?.find(({ id }) => id === folder)?.name ?? folder
  const chosen = rows.find(({ id }) => id === search.node)

  if (connection !== 'connecting' && rows.length === 0) {
    return (
      <EmptyState title="No node yet">
        A node is a machine that keeps folders in step with this coordinator. Add the first one: you get a command to
        run there.
        <div>
          <Button mt="sm" onClick={onAdd}>
            Add node
          </Button>
        </div>
      </EmptyState>
    )
  }
  return (
    <Pair>
      <table className={look.nodes}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col" data-wide>
              Folders
            </th>
            <th scope="col">Behind by</th>
            <th scope="col" data-number data-wide>
              Rate
            </th>
            <th scope="col">Last seen</th>
            <th scope="col" data-widest>
              Address
            </th>
            <th scope="col" data-widest>
              Version
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((node) => (
            <tr key={node.id} data-chosen={node.id === search.node || undefined}>
              <td>
                <button
                  type="button"
                  className={look.name}
                  title={node.name}
                  onClick={() => void navigate({ to: '/', search: { ...search, node: node.id } as never })}
                >
                  <bdi>{node.name}</bdi>
                </button>
              </td>
              <td>
                <StateMark condition={conditionOf(node)} />
              </td>
              <td data-wide>{node.folders.map(({ folder }) => nameOf(folder)).join(', ') || '–'}</td>
              <td data-label="Behind by ">{outOfStepBy(node)}</td>
              <td data-number data-wide>
                <Rate node={node.id} />
              </td>
              <td data-label="Seen ">{node.online ? 'now' : <Ago at={node.lastSeenAt} />}</td>
              <td data-widest>
                {node.address === '' ? '–' : `${node.address}${node.port > 0 ? `:${node.port}` : ''}`}
              </td>
              <td data-widest>{node.version === '' ? '–' : node.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
      <Suspense>
        {chosen !== undefined && (
          <NodeDetail
            node={chosen}
            onClose={() => void navigate({ to: '/', search: { ...search, node: undefined } as never })}
          />
        )}
      </Suspense>
    </Pair>
  )
}

/** What crosses between the node and the coordinator. */
function Rate({ node }: { readonly node: NodeId }) {
  const traffic = useLive((state) => state.traffic.get(node))
  const total = (traffic?.upBytesPerSecond ?? 0) + (traffic?.downBytesPerSecond ?? 0)
  // The last of a rate that fades is less than a byte a second.
  return <>{total < 1 ? '–' : rate(total)}</>
}
