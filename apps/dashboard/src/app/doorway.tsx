import { Paper, Stack, Title } from '@mantine/core'
import type { ReactNode } from 'react'

/** What is shown to somebody who is not in yet. */
export function Doorway({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <Stack component="main" align="center" justify="center" mih="100vh" p="md">
      <Paper withBorder p="lg" w="100%" maw={420}>
        <Stack>
          <Title order={1}>{title}</Title>
          {children}
        </Stack>
      </Paper>
    </Stack>
  )
}
