import { Stack, Text, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** Where there is nothing yet: what it would be, and the next step. */
export function EmptyState(props: {
  readonly title: string
  /** It is all there is on the page. */
  readonly isPage?: boolean
  readonly children: ReactNode
}) {
  const { title, isPage = false, children } = props
  return (
    <Stack gap="sm" py="xl" px="md" maw={640}>
      <Title order={isPage ? 1 : 2}>{title}</Title>
      <Text component="div">{children}</Text>
    </Stack>
  )
}
