import { Button, Group, Stack, Title } from '@mantine/core'
import { lazy, Suspense, useState } from 'react'
import { Halts } from '../../halts/halts.tsx'
import { Files } from '../files/files.tsx'
import { Nodes } from './nodes.tsx'

/** Seldom opened, and not small: it comes when it is wanted. */
const AddNode = lazy(async () => ({ default: (await import('./add-node.tsx')).AddNode }))

/** How things stand, on every node and in every folder, and what one can do about it. */
export function Overview() {
  const [adding, setAdding] = useState(false)
  return (
    <Stack gap="lg">
      <Halts />
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
      <Files />
      <Suspense>{adding && <AddNode opened onClose={() => setAdding(false)} />}</Suspense>
    </Stack>
  )
}
