import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import type { HistoryEvent, Order } from '@causeway/protocol'
import { memo } from 'react'
import { moment } from '../../parts/format.ts'
import { nodeColour } from '../../parts/node-colour.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { NodeName } from '../../parts/node-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { UndoCommit } from '../../undo/undo-commit.tsx'
import { DECISION_WORDS, KIND_SHAPE } from './kinds.ts'
import { orderOf, pathBetween, type SpaceTime } from './space-time.ts'

const ORDER_WORDS: Readonly<Record<Order, string>> = {
  equal: 'They are the same event.',
  before: 'The first came before the second: the second knew of it.',
  after: 'The first came after the second: it knew of it.',
  concurrent: 'They are concurrent: neither knew of the other.',
}

export const EventDetail = memo(function EventDetail({
  space,
  selected,
}: {
  readonly space: SpaceTime
  readonly selected: readonly HistoryEvent[]
}) {
  const [first, second] = selected
  if (first === undefined) {
    return (
      <Stack gap="sm">
        <Title order={2}>How to read this</Title>
        <Text size="sm">
          Time runs to the right. Each node has a lane; each mark is something it did. A thin line says that a node
          heard of another’s work before it went on.
        </Text>
        <Text size="sm">
          Choose an event: what it could know of is filled, what could know of it is hollow, and what is marked ∥
          happened without either knowing. Choose a second one with Shift to see how the two stand.
        </Text>
      </Stack>
    )
  }
  return (
    <Stack gap="md">
      {second !== undefined && <Comparison space={space} a={first} b={second} />}
      <OneEvent event={first} />
      {second !== undefined && <OneEvent event={second} />}
    </Stack>
  )
})

function Comparison({
  space,
  a,
  b,
}: {
  readonly space: SpaceTime
  readonly a: HistoryEvent
  readonly b: HistoryEvent
}) {
  const nodeName = useNodeName()
  const order = orderOf(a, b)
  const path = order === 'after' ? pathBetween(space, b, a) : pathBetween(space, a, b)
  return (
    <section aria-label="How the two stand">
      <Group gap="sm">
        <Title order={2}>How the two stand</Title>
        <Badge variant="light" data-order={order}>
          {order}
        </Badge>
      </Group>
      <Text size="sm">{ORDER_WORDS[order]}</Text>
      {path.length > 0 && (
        <ol style={{ margin: '8px 0 0', paddingLeft: 20, fontSize: 13 }}>
          {path.map(({ event, by }) => (
            <li key={event.position}>
              {by === 'heard'
                ? `${nodeName(event.node)} heard of it, and then`
                : by === 'same-node'
                  ? 'on the same node, later'
                  : 'first'}
              : {event.kind} {event.path ?? ''} ({nodeName(event.node)} {event.counter})
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function OneEvent({ event }: { readonly event: HistoryEvent }) {
  return (
    <section aria-label={`Event ${event.position}`}>
      <Title order={2}>
        <span aria-hidden="true" style={{ color: nodeColour(event.node) }}>
          {KIND_SHAPE[event.kind]}{' '}
        </span>
        {event.kind} on <NodeName node={event.node} />
      </Title>
      {event.path !== null && <PathText path={event.path} />}
      {event.pathBefore !== null && (
        <Text size="sm" c="dimmed">
          before: <PathText path={event.pathBefore} />
        </Text>
      )}
      <Text size="sm" mt={4}>
        {event.reason} {DECISION_WORDS[event.decision]}
      </Text>
      <Table withRowBorders={false} verticalSpacing={2} fz="sm" mt={4} aria-label="The event’s vector">
        <Table.Thead>
          <Table.Tr>
            <Table.Th>Node</Table.Th>
            <Table.Th ta="right">Had seen up to</Table.Th>
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {Object.entries(event.clock).map(([node, counter]) => (
            <Table.Tr key={node} fw={node === event.node ? 600 : 400}>
              <Table.Td>
                <NodeName node={node} />
              </Table.Td>
              <Table.Td ta="right">{counter}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
      <Text size="xs" c="dimmed">
        Event {event.position}, change {event.seq}, {moment(Date.parse(event.at))}
      </Text>
      {event.seq > 0 && (
        <div style={{ marginTop: 8 }}>
          <UndoCommit folder={event.folder} seq={event.seq} />
        </div>
      )}
    </section>
  )
}
