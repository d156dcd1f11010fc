import { Group, SegmentedControl, Text, Title } from '@mantine/core'
import type { ThroughputBy, ThroughputSpan } from '@causeway/protocol'
import { useMemo } from 'react'
import { useFolders } from '../../data/folders.ts'
import { useNodeColour, useNodeName } from '../../live/use-node-name.ts'
import { Meaning } from '../../parts/meaning.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { useChosen } from '../../parts/use-address.ts'
import { ThroughputCharts } from './throughput-charts.tsx'
import { chartsOf, type Part } from './throughput-model.ts'
import { useThroughput } from './use-throughput.ts'

const SPANS: readonly { readonly value: ThroughputSpan; readonly label: string }[] = [
  { value: 'hour', label: 'Last hour' },
  { value: 'day', label: 'Last day' },
]
const BYS: readonly { readonly value: ThroughputBy; readonly label: string }[] = [
  { value: 'node', label: 'By node' },
  { value: 'folder', label: 'By folder' },
]
const SPAN_WORDS = SPANS.map(({ value }) => value)
const BY_WORDS = BYS.map(({ value }) => value)
const FOLDER_COLOURS = ['#009e73', '#cc79a7', '#0072b2', '#e69f00', '#56b4e9', '#d55e00']
const OTHERS = 'var(--mantine-color-dimmed)'

/** What moved in the last hour or day. */
export function Throughput() {
  const [span, setSpan] = useChosen('time', SPAN_WORDS, 'hour')
  const [by, setBy] = useChosen('by', BY_WORDS, 'node')
  const { data, error, refetch } = useThroughput(span, by)
  const charts = useMemo(() => data && chartsOf(data, Date.now()), [data])
  const nodeName = useNodeName()
  const nodeColour = useNodeColour()
  const folders = useFolders()
  const nameOf = ({ id }: Part): string => {
    if (id === null) return 'others'
    return by === 'node' ? nodeName(id) : (folders.data?.find((folder) => folder.id === id)?.name ?? id)
  }
  const colourOf = ({ id }: Part, index: number): string => {
    if (id === null) return OTHERS
    return by === 'node' ? nodeColour(id) : (FOLDER_COLOURS[index % FOLDER_COLOURS.length] ?? OTHERS)
  }
  return (
    <section aria-labelledby="throughput-title">
      <Group justify="space-between" align="center" mb="xs">
        <Title order={2} id="throughput-title">
          Throughput
        </Title>
        <Group gap="sm">
          <SegmentedControl size="xs" aria-label="Period" data={[...SPANS]} value={span} onChange={setSpan} />
          <SegmentedControl size="xs" aria-label="What the colours mean" data={[...BYS]} value={by} onChange={setBy} />
        </Group>
      </Group>
      {error !== null && (
        <ProblemNote title="The throughput could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {charts !== undefined && (
        <ThroughputCharts
          charts={charts}
          span={span}
          parts={charts.parts.map((part, index) => ({ name: nameOf(part), colour: colourOf(part, index) }))}
        />
      )}
      {charts?.parts.length === 0 && (
        <Text size="sm" c="dimmed">
          Nothing moved in the last {span}. Save a file in a synced folder and it shows here.
        </Text>
      )}
      <Meaning label="What is measured" of="Throughput">
        Each bar covers one minute, or ten minutes of a day; the last one is still being counted. Changes are those the
        coordinator accepted. Bytes are counted as they cross the wire, without HTTP and TCP headers. While the
        coordinator was not running nothing is known: a hatched gap, not a time without changes.
      </Meaning>
    </section>
  )
}
