import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Where there is nothing yet: what it would be, and the next step. */
export function EmptyState({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Stack gap="sm" py="xl" px="md" maw={640}>
      <Title order={2}>{title}</Title>
      <Text component="div">{children}</Text>
    </Stack>
  )
}
