import { Button, Group, Stack, Title } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { Files } from '../files/files.tsx'
import { Nodes } from './nodes.tsx'
import look from './overview.module.css'

/** Seldom opened, and not small: it comes when it is wanted. */
const AddNode = lazy(async () => ({ default: (await import('./add-node.tsx')).AddNode }))

/** How things stand, on every node and in every folder, and what one can do about it. */
export function Overview() {
  const [adding, setAdding] = useState(false)
  return (
    <Stack gap="lg">
      <div className={look.top}>
        <section aria-labelledby="nodes-title">
          <Group justify="space-between" mb="sm">
            <Title order={1} id="nodes-title">
              Nodes
            </Title>
            <Button size="xs" onClick={() => setAdding(true)}>
              Add node
            </Button>
          </Group>
          <Nodes onAdd={() => setAdding(true)} />
        </section>
        {/* What guides a newcomer stands here, beside the nodes; while it is empty the nodes have all the room. */}
        <div className={look.guide} />
      </div>
      <Files />
      <Suspense>{adding && <AddNode opened onClose={() => setAdding(false)} />}</Suspense>
    </Stack>
  )
}
