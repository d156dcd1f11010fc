import { CloseButton, Group, Loader, Select, Text, Title } from '@mantine/core'
import type { VersionView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { bytes, moment } from '../../parts/format.ts'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { ChunkBand } from './chunk-band.tsx'
import { summaryOf } from './chunk-model.ts'
import look from './delta.module.css'

export interface ChunkMapProps {
  readonly folder: string
  readonly entry: string
  /** The content whose version is to be shown; the newest where it is none of these. */
  readonly content: string | null
  chooseContent(content: string): void
  close(): void
}

/** How each version of a file follows from the one before, chunk by chunk. */
export function ChunkMapPanel({ folder, entry, content, chooseContent, close }: ChunkMapProps) {
  useRefetchOnEvents(['history', folder, entry])
  const history = useQuery({
    queryKey: ['history', folder, entry],
    queryFn: () => client.history(folder, { entry }, { limit: 200 }),
  })
  const nodeName = useNodeName()
  const versions = contentVersions(history.data?.versions ?? [])
  const shown = versions.find((version) => hashOf(version) === content) ?? versions[0]
  const map = useQuery({
    queryKey: ['chunks', folder, shown?.seq],
    queryFn: () => client.versionChunks(folder, shown?.seq ?? 0),
    enabled: shown !== undefined,
  })
  const error = history.error ?? map.error
  return (
    <section className={look.map} aria-labelledby="chunks-title">
      <Group justify="space-between" wrap="nowrap" align="start">
        <div style={{ minWidth: 0 }}>
          <Title order={2} id="chunks-title">
            Chunk map
          </Title>
          {shown !== undefined && <PathText path={map.data?.path ?? shown.path} most={80} />}
        </div>
        <CloseButton aria-label="Close the chunk map" onClick={close} />
      </Group>
      {error !== null && (
        <ProblemNote title="The chunk map could not be drawn" error={error} retry={() => void map.refetch()} />
      )}
      {history.data !== undefined && versions.length === 0 && (
        <Text size="sm" c="dimmed">
          No version of this file has bytes to draw.
        </Text>
      )}
      {versions.length > 0 && (
        <Select
          my="sm"
          maw={560}
          aria-label="Version"
          data={versions.map((version) => ({
            value: String(version.seq),
            label: labelOf(version, nodeName(version.node)),
          }))}
          value={String(shown?.seq)}
          allowDeselect={false}
          onChange={(seq) => {
            const chosen = versions.find((version) => String(version.seq) === seq)
            if (chosen !== undefined) chooseContent(hashOf(chosen))
          }}
        />
      )}
      {map.data === undefined ? (
        error === null && versions.length > 0 && <Loader size="sm" aria-label="Loading the chunk map" />
      ) : (
        <>
          <Text size="sm" mb="xs">
            {summaryOf(map.data)}
          </Text>
          {map.data.chunks > 0 && <ChunkBand map={map.data} />}
        </>
      )}
    </section>
  )
}

/** Versions that brought other bytes than the one before; renames do not. */
function contentVersions(versions: readonly VersionView[]): readonly VersionView[] {
  return versions.filter(
    (version, index) => hashOf(version) !== '' && hashOf(version) !== hashOf(versions[index + 1]) && !version.deleted,
  )
}

function hashOf(version: VersionView | undefined): string {
  return version?.content.kind === 'file' ? version.content.hash : ''
}

function labelOf({ seq, at, content }: VersionView, by: string): string {
  const size = content.kind === 'file' ? bytes(content.size) : ''
  return `Version ${seq}: ${size} by ${by}, ${moment(Date.parse(at))}`
}
