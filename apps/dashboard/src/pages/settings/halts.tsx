import { Alert, Button, Code, Stack, Text } from '@mantine/core'
import type { FolderView, NodeView } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { useLive } from '../../live/use-live.ts'
import { count, plural } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { Name } from '../../parts/name.tsx'
import { haltsOf, type Halt } from './halts-of.ts'

/** What waits for a person in a folder: removals that look like an accident, and roots that are gone. */
export function Halts({ folder }: { readonly folder: FolderView }) {
  const nodes = useLive((state) => state.nodes)
  const halts = haltsOf(folder, [...nodes.values()])
  return halts.map((halt) => <OneHalt key={halt.node?.id ?? ''} folder={folder} halt={halt} />)
}

function OneHalt({ folder, halt }: { readonly folder: FolderView; readonly halt: Halt }) {
  const { node, kind, reason, removed, live, sample } = halt
  const nodeName = useNodeName()
  const queries = useQueryClient()
  const resume = useAction('resume the folder', async () => {
    await client.resumeFolder(folder.id)
    await queries.invalidateQueries({ queryKey: ['folders'] })
  })
  const title =
    node === null
      ? '■ Halted'
      : `■ ${isolated(nodeName(node.id))} ${kind === 'root' ? 'has stopped' : 'holds back a removal'}`
  return (
    <Alert color="red" title={title} role="status">
      <Stack gap="sm">
        {removed === 0 && (
          <Text size="sm">
            <Name text={reason} />
          </Text>
        )}
        {removed > 0 && (
          <Text size="sm" component="div">
            <b>{count(removed)}</b> of {plural(live, 'entry', 'entries')} would go on every node, among them:
            <ul style={{ margin: '4px 0 0', paddingLeft: 20 }}>
              {sample.map((path) => (
                <li key={path}>
                  <PathText path={path} most={72} />
                </li>
              ))}
            </ul>
          </Text>
        )}
        <Text size="sm" component="div">
          {kind === 'root' ? <BringBackRoot node={node} /> : <Instead node={node} />}
        </Text>
        {kind === 'removal' && (
          <div>
            <Button size="xs" color="red" onClick={() => void resume.run()} loading={resume.busy}>
              {removed > 0 ? `Let it remove ${count(removed)} and resume` : 'Let it happen and resume'}
            </Button>
          </div>
        )}
      </Stack>
    </Alert>
  )
}

function Instead({ node }: { readonly node: NodeView | null }) {
  return (
    <>
      If nobody meant this, do not resume: put the files back where they were
      {node !== null && (
        <>
          {' '}
          on <NodeName node={node.id} />
        </>
      )}{' '}
      (undo the move, mount the disk again), and it goes on by itself. Nothing is lost until you resume, and even then
      every version stays in the history and can be brought back.
    </>
  )
}

function BringBackRoot({ node }: { readonly node: NodeView | null }) {
  return (
    <>
      Bring the directory back
      {node !== null && (
        <>
          {' '}
          on <NodeName node={node.id} />
        </>
      )}{' '}
      (mount the disk, undo the rename), and it goes on by itself. If it is gone for good, leave the folder there and
      join anew: <Code>causeway join &lt;link&gt; &lt;directory&gt;</Code>.
    </>
  )
}
