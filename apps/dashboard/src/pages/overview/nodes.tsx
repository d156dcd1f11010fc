import { Button } from '@mantine/core'
import type { FolderId, NodeId } from '@causeway/protocol'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useFolders } from '../../data/folders.ts'
import { toldApart } from '../../live/node-names.ts'
import { isTransfer } from '../../live/is-transfer.ts'
import { useLive } from '../../live/use-live.ts'
import { Pair } from '../../parts/detail.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { rate } from '../../parts/format.ts'
import { ForAdmins } from '../../parts/for-admins.tsx'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { LastSeen, NodeState } from '../../parts/node-state.tsx'
import { outOfStepBy } from './node-words.ts'
import look from './overview.module.css'
import { lazyPart } from '../../parts/lazy-part.tsx'

/** Not needed until a node is chosen. */
const NodeDetail = lazyPart('The details of the node', async () => (await import('./node-detail.tsx')).NodeDetail)

/** One line a machine. */
export function Nodes({ onAdd }: { readonly onAdd: () => void }) {
  const nodes = useLive((state) => state.nodes)
  const connection = useLive((state) => state.connection)
  const search = useSearch({ strict: false })
  const navigate = useNavigate()
  const rows = toldApart(nodes.values()).toSorted((a, b) => a.name.localeCompare(b.name))
  const { data: folders } = useFolders()
  const nameOf = (folder: FolderId): string => folders?.find(({ id }) => id === folder)?.name ?? folder
  const chosen = rows.find(({ id }) => id === search.node)

  if (connection !== 'connecting' && rows.length === 0) {
    return (
      <EmptyState title="No nodes yet">
        A node is a machine that syncs folders with this coordinator.{' '}
        <ForAdmins>Add the first one: you get a command to run there.</ForAdmins>
        <ForAdmins>
          <div>
            <Button mt="sm" onClick={onAdd}>
              Add node
            </Button>
          </div>
        </ForAdmins>
      </EmptyState>
    )
  }
  return (
    <Pair>
      <table className={look.nodes} data-beside={chosen !== undefined || undefined}>
        <thead>
          <tr>
            <th scope="col">Name</th>
            <th scope="col">State</th>
            <th scope="col" data-wide>
              Folders
            </th>
            <th scope="col">Pending</th>
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
                  title={isolated(node.name)}
                  onClick={() => void navigate({ to: '/', search: { ...search, node: node.id } as never })}
                >
                  <Name text={node.name} />
                </button>
              </td>
              <td>
                <NodeState node={node} />
              </td>
              <Folders names={node.folders.map(({ folder }) => isolated(nameOf(folder)))} />
              <td data-label="Pending: ">{outOfStepBy(node)}</td>
              <td data-number data-wide>
                <Rate node={node.id} />
              </td>
              <td data-label="Seen ">
                <LastSeen node={node} />
              </td>
              <td data-widest>
                {node.address === '' ? '–' : `${node.address}${node.port > 0 ? `:${node.port}` : ''}`}
              </td>
              <td data-widest>{node.version === '' ? '–' : node.version}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {chosen !== undefined && (
        <NodeDetail
          node={chosen}
          onClose={() => void navigate({ to: '/', search: { ...search, node: undefined } as never })}
        />
      )}
    </Pair>
  )
}

/** Cut where they are many, and whole in the tooltip. */
function Folders({ names }: { readonly names: readonly string[] }) {
  const text = names.join(', ')
  return (
    <td data-wide className={look.folders} title={text}>
      {text || '–'}
    </td>
  )
}

/** What crosses between the node and the coordinator. */
function Rate({ node }: { readonly node: NodeId }) {
  const traffic = useLive((state) => state.traffic.get(node))
  const total = (traffic?.upBytesPerSecond ?? 0) + (traffic?.downBytesPerSecond ?? 0)
  return <>{isTransfer(total) ? rate(total) : '–'}</>
}
