import { Button, Group, Loader, SegmentedControl, Text, Title } from '@mantine/core'
import type { Transfer, TransferOrder } from '@causeway/protocol'
import { useState } from 'react'
import { useNodeColour } from '../../live/use-node-name.ts'
import { Ago } from '../../parts/ago.tsx'
import { bytes, plural } from '../../parts/format.ts'
import { PathText } from '../../parts/path-text.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { useChosen } from '../../parts/use-address.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { HowBar, HowLegend } from './how-bar.tsx'
import { howInWords, savedWords } from './savings-model.ts'
import { useTransfers, type Chosen } from './use-savings.ts'
import look from './delta.module.css'

const ORDERS: readonly { readonly value: TransferOrder; readonly label: string }[] = [
  { value: 'newest', label: 'Newest' },
  { value: 'most-saved', label: 'Most saved' },
  { value: 'least-saved', label: 'Least saved' },
]
const ORDER_WORDS = ORDERS.map(({ value }) => value)
const A_PAGE = 25

/** Single transfers: the newest, the largest savings, the worst cases. */
export function TransferList(props: {
  readonly chosen: Chosen & { readonly entry?: string | undefined }
  nodeName(node: string): string
  /** Shows how the content of this transfer follows from the one before. */
  showChunks(transfer: Transfer): void
}) {
  const { chosen, nodeName, showChunks } = props
  const [order, setOrder] = useChosen('order', ORDER_WORDS, 'newest')
  const [limit, setLimit] = useState(A_PAGE)
  const { data, error, refetch, isFetching } = useTransfers(chosen, order, limit)
  return (
    <section aria-labelledby="transfers-title">
      <Group justify="space-between" align="center" mb="xs">
        <Group gap="sm">
          <Title order={2} id="transfers-title">
            {chosen.entry === undefined ? 'Transfers' : 'Transfers of this file'}
          </Title>
          {isFetching && <Loader size={14} aria-label="Loading transfers" />}
        </Group>
        <SegmentedControl
          aria-label="Order of transfers"
          size="xs"
          data={[...ORDERS]}
          value={order}
          onChange={setOrder}
        />
      </Group>
      <HowLegend />
      {error !== null && (
        <ProblemNote title="The transfers could not be loaded" error={error} retry={() => void refetch()} />
      )}
      {data?.length === 0 && (
        <Text size="sm" c="dimmed" mt="xs">
          Nothing matching has been transferred yet.
        </Text>
      )}
      <ul className={look.list}>
        {data !== undefined && data.length > 0 && (
          <li className={`${look.transfer} ${look.heads}`} aria-hidden="true">
            <span>File</span>
            <span>Node</span>
            <span className={look.number}>Size → sent</span>
            <span className={look.number}>Saved</span>
            <span>How</span>
            <span />
          </li>
        )}
        {data?.map((transfer) => (
          <Row key={transfer.position} transfer={transfer} nodeName={nodeName} showChunks={showChunks} />
        ))}
      </ul>
      {data !== undefined && data.length >= limit && limit < 1000 && (
        <Button variant="subtle" size="xs" mt="xs" onClick={() => setLimit((now) => Math.min(1000, now * 2))}>
          Show more
        </Button>
      )}
    </section>
  )
}

interface RowProps {
  readonly transfer: Transfer
  nodeName(node: string): string
  showChunks(transfer: Transfer): void
}

function Row({ transfer, nodeName, showChunks }: RowProps) {
  const nodeColour = useNodeColour()
  const { node, direction, path, entry, files, logicalBytes, wireBytes, at } = transfer
  return (
    <li className={look.transfer}>
      <span>
        {path === null ? plural(files, 'small file') : <PathText path={path} most={64} />}
        <Text span size="xs" c="dimmed" ml={8}>
          <Ago at={at} />
        </Text>
      </span>
      <span>
        <span aria-hidden="true" style={{ color: nodeColour(node) }}>
          ●{' '}
        </span>
        {direction === 'up' ? '↑ from ' : '↓ to '}
        <Name text={nodeName(node)} />
      </span>
      <span className={look.number}>
        {bytes(logicalBytes)} → {bytes(wireBytes)}
      </span>
      <span className={look.number}>{savedWords(transfer)}</span>
      <span>
        <HowBar savings={transfer} />
        <Text span size="xs" c="dimmed" display="block" truncate title={howInWords(transfer)}>
          {howInWords(transfer)}
        </Text>
      </span>
      <span>
        {entry !== null && transfer.content !== null && (
          <Button
            size="compact-xs"
            variant="default"
            onClick={() => showChunks(transfer)}
            aria-label={`Chunk map of ${path === null ? 'this file' : isolated(path)}`}
          >
            Chunk map
          </Button>
        )}
      </span>
    </li>
  )
}
