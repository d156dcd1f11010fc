import { Code, Group, SegmentedControl, Select, Stack, Text, Title } from '@mantine/core'
import { useMemo } from 'react'
import { useFolders } from '../../data/folders.ts'
import { useLive } from '../../live/use-live.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { AllFoldersPage } from '../../parts/for-admins.tsx'
import { EmptyState } from '../../parts/empty-state.tsx'
import { Meaning } from '../../parts/meaning.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { useAddress, useChosen } from '../../parts/use-address.ts'
import { ChunkMapPanel } from './chunk-map.tsx'
import { HoursTable } from './hours-table.tsx'
import { hourPoints, sentenceOf } from './savings-model.ts'
import { Shares } from './shares.tsx'
import { TransferList } from './transfer-list.tsx'
import { useSavings } from './use-savings.ts'
import look from './delta.module.css'
import { lazyPart } from '../../parts/lazy-part.tsx'
import { isolated } from '../../parts/isolated.ts'

const SavingsChart = lazyPart('The chart', async () => (await import('./savings-chart.tsx')).SavingsChart)

const TIMES = [
  { value: 'day', hours: 24, label: 'Last day', words: 'In the last day, ' },
  { value: 'week', hours: 168, label: 'Last week', words: 'In the last week, ' },
  { value: 'month', hours: 720, label: 'Last 30 days', words: 'In the last 30 days, ' },
  { value: 'all', hours: null, label: 'All time', words: '' },
] as const

const DIRECTIONS = [
  { value: 'both', label: 'Both ways' },
  { value: 'up', label: '↑ Up' },
  { value: 'down', label: '↓ Down' },
] as const

/** What crossed, what did not have to, and how every byte came to where it was needed. */
export function DeltaSync() {
  return (
    <Stack gap="md" className={look.page}>
      <Title order={1}>Delta Sync</Title>
      <AllFoldersPage>
        <Savings />
      </AllFoldersPage>
    </Stack>
  )
}

function Savings() {
  const { said: search, say } = useAddress()
  const folders = useFolders()
  const nodes = useLive((state) => state.nodes)
  const [time, setTime] = useChosen('time', valuesOf(TIMES), 'week')
  const [direction, setDirection] = useChosen('way', valuesOf(DIRECTIONS), 'both')
  const chosenTime = TIMES.find(({ value }) => value === time) ?? TIMES[1]
  const since = useMemo(() => sinceOf(chosenTime.hours), [chosenTime.hours])
  const chosen = {
    folder: search.folder,
    node: search.node,
    direction: direction === 'both' ? undefined : direction,
  } as const
  const savings = useSavings(chosen, since)
  const points = useMemo(() => hourPoints(savings.data?.hours ?? []), [savings.data])
  const total = savings.data?.total
  const nodeName = useNodeName()
  const folderName = (folder: string): string => folders.data?.find(({ id }) => id === folder)?.name ?? folder
  const { entry } = search

  return (
    <>
      {savings.error !== null && (
        <ProblemNote
          title="The savings could not be loaded"
          error={savings.error}
          retry={() => void savings.refetch()}
        />
      )}
      {total !== undefined && total.files > 0 && (
        <Text component="p" m={0} className={look.lede}>
          {sentenceOf(total, chosenTime.words)}
        </Text>
      )}
      {total !== undefined && total.files > 0 && <Words />}
      <Group gap="sm" align="end">
        <Select
          label="Folder"
          placeholder="All folders"
          clearable
          data={folders.data?.map(({ id, name }) => ({ value: id, label: isolated(name) })) ?? []}
          value={search.folder ?? null}
          onChange={(folder) => say({ folder: folder ?? undefined, entry: undefined, content: undefined })}
        />
        <Select
          label="Node"
          placeholder="All nodes"
          clearable
          searchable
          data={[...nodes.keys()].map((id) => ({ value: String(id), label: nodeName(id) }))}
          value={search.node ?? null}
          onChange={(node) => say({ node: node ?? undefined })}
        />
        <Select
          label="Time"
          data={TIMES.map(({ value, label }) => ({ value, label }))}
          value={chosenTime.value}
          allowDeselect={false}
          onChange={setTime}
        />
        <SegmentedControl aria-label="Direction" data={[...DIRECTIONS]} value={direction} onChange={setDirection} />
      </Group>
      {search.folder !== undefined && entry !== undefined && (
        <ChunkMapPanel
          folder={search.folder}
          entry={entry}
          content={search.content ?? null}
          chooseContent={(content) => say({ content: content ?? undefined }, false)}
          close={() => say({ entry: undefined, content: undefined })}
        />
      )}
      {total?.files === 0 && <NothingYet />}
      {points.length > 0 && (
        <>
          <section aria-labelledby="hours-title">
            <Title order={2} id="hours-title">
              Hour by hour
            </Title>
            <ChartLegend />
            <SavingsChart points={points} />
            <HoursTable points={points} />
          </section>
          <Shares rows={savings.data?.hours ?? []} folderName={folderName} nodeName={nodeName} />
        </>
      )}
      {(total === undefined || total.files > 0) && (
        <TransferList
          chosen={{ ...chosen, entry }}
          nodeName={nodeName}
          showChunks={(transfer) => {
            const { folder, entry: file, content } = transfer
            say({ folder, entry: file ?? undefined, content: content ?? undefined })
            window.scrollTo({ top: 0 })
          }}
        />
      )}
    </>
  )
}

function Words() {
  return (
    <Meaning label="What these numbers mean">
      <dl>
        <dt>On the wire</dt>
        <dd>
          What crossed the wire for the files: their bytes as sent, chunk lists, and the messages they came in, without
          HTTP and TCP headers.
        </dd>
        <dt>By reuse, by deltas, by compression</dt>
        <dd>
          Bytes that the other side already had, or received from other nodes; bytes sent as a difference from bytes it
          had; bytes sent compressed.
        </dd>
        <dt>Whole files</dt>
        <dd>What sending each changed file whole would have taken.</dd>
        <dt>Too little to tell</dt>
        <dd>
          Messages took up to 64 kB more than the files in them: too little to say anything about how files are sent.
        </dd>
      </dl>
    </Meaning>
  )
}

function ChartLegend() {
  return (
    <span className={look.legend} role="note" aria-label="What the areas and lines mean">
      {(
        [
          ['--how-plain', 'on the wire'],
          ['--how-reused', 'saved by reuse'],
          ['--how-delta', 'saved by deltas'],
          ['--how-packed', 'saved by compression'],
        ] as const
      ).map(([colour, word]) => (
        <span key={colour}>
          <span className={look.swatch} style={{ background: `var(${colour})` }} aria-hidden="true" /> {word}
        </span>
      ))}
      <span>
        <span className={`${look.swatch} ${look.line}`} style={{ borderTopStyle: 'dashed' }} aria-hidden="true" /> whole
        files
      </span>
    </span>
  )
}

function NothingYet() {
  return (
    <EmptyState title="Nothing transferred yet">
      Save a file in a synced folder and it appears here, with what it took to send. To see a delta, change a few bytes
      of a large one: <Code>dd if=/dev/urandom of=big.bin bs=1M count=50</Code>, wait until it is everywhere, then{' '}
      <Code>printf changed | dd of=big.bin bs=1 seek=20000000 conv=notrunc</Code>. Or choose a longer time, another
      folder or node above.
    </EmptyState>
  )
}

/** Whole hours, so that the same question is asked for an hour. */
function sinceOf(hours: number | null): string | undefined {
  if (hours === null) return undefined
  const hourMs = 3_600_000
  return new Date(Math.floor(Date.now() / hourMs) * hourMs - hours * hourMs).toISOString()
}

function valuesOf<Word extends string>(choices: readonly { readonly value: Word }[]): readonly Word[] {
  return choices.map(({ value }) => value)
}
