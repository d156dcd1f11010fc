import { Stack } from '@mantine/core'
import type { NodeView } from '@causeway/protocol'
import { useFolders } from '../data/folders.ts'
import { useLive } from '../live/use-live.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { haltsOf, haltsOfNode, type Halt } from './halts-of.ts'

/** Seldom needed. */
const HaltPanel = lazyPart('What needs your attention', async () => (await import('./halt-panel.tsx')).HaltPanel)

/** Where the top line leads for a halt. */
const HALTS_ID = 'halts'

/** All that waits for a person in any folder; nothing where nothing does. */
export function Halts() {
  const nodes = useLive((state) => state.nodes)
  const { data: folders = [] } = useFolders()
  return <Panels id={HALTS_ID} halts={folders.flatMap((folder) => haltsOf(folder, nodes.values()))} />
}

/** What one node waits with. */
export function NodeHalts({ node }: { readonly node: NodeView }) {
  const { data: folders = [] } = useFolders()
  return <Panels halts={haltsOfNode(node, folders)} />
}

function Panels({ halts, id }: { readonly halts: readonly Halt[]; readonly id?: string }) {
  if (halts.length === 0) return null
  return (
    <Stack gap="sm" id={id}>
      {halts.map((halt) => (
        <HaltPanel key={`${halt.folder.id} ${halt.node?.id ?? ''}`} halt={halt} />
      ))}
    </Stack>
  )
}
