import { Stack, Title } from '@mantine/core'
import { AllFoldersPage } from '../../parts/for-admins.tsx'
import { EventStream } from './event-stream.tsx'
import { Latency } from './latency.tsx'
import { Problems } from './problems.tsx'
import { Throughput } from './throughput.tsx'
import { Transfers } from './transfers.tsx'

/** What happens right now, what waits, and what is wrong. */
export function Monitor() {
  return (
    <Stack gap="lg">
      <Title order={1}>Sync Monitor</Title>
      <AllFoldersPage>
        <Transfers />
        <Problems />
        <Throughput />
        <Latency />
        <EventStream />
      </AllFoldersPage>
    </Stack>
  )
}
