import { Button, Group, Stack, Title } from '@mantine/core'
import { useState } from 'react'
import { Halts } from '../../halts/halts.tsx'
import { Files } from '../files/files.tsx'
import { Nodes } from './nodes.tsx'
import { BesideTour } from './tour/beside-tour.tsx'
import { ForAdmins } from '../../parts/for-admins.tsx'
import { lazyPart } from '../../parts/lazy-part.tsx'

/** Seldom opened, and not small: it comes when it is wanted. */
const AddNode = lazyPart('The dialog for a new node', async () => (await import('./add-node.tsx')).AddNode)

/** How things stand, on every node and in every folder, and what one can do about it. */
export function Overview() {
  const [adding, setAdding] = useState(false)
  return (
    <Stack gap="lg">
      <Halts />
      <BesideTour>
        <section aria-labelledby="nodes-title">
          <Group justify="space-between" mb="sm">
            <Title order={1} id="nodes-title">
              Nodes
            </Title>
            <ForAdmins>
              <Button size="xs" onClick={() => setAdding(true)}>
                Add node
              </Button>
            </ForAdmins>
          </Group>
          <Nodes onAdd={() => setAdding(true)} />
        </section>
      </BesideTour>
      <Files />
      {adding && <AddNode opened onClose={() => setAdding(false)} />}
    </Stack>
  )
}
