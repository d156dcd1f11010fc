import { Badge, Group, Stack, Table, Text, Title } from '@mantine/core'
import { actorOf, type HistoryEvent, type Order } from '@causeway/protocol'
import { memo } from 'react'
import { moment } from '../../parts/format.ts'
import { useActorColour, useNodeName } from '../../live/use-node-name.ts'
import { isolated } from '../../parts/isolated.ts'
import { ActorName } from '../../parts/actor-name.tsx'
import { Name } from '../../parts/name.tsx'
import { NodeName } from '../../parts/node-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { UndoCommit } from '../../undo/undo-commit.tsx'
import { DECISION_WORDS, KIND_SHAPE } from './kinds.ts'
import { orderOf, pathBetween, type SpaceTime } from './space-time.ts'

const ORDER_WORDS: Readonly<Record<Order, string>> = {
  equal: 'These are the same event.',
  before: 'The first came before the second: the second knew about it.',
  after: 'The first came after the second: it knew about it.',
  concurrent: 'They are concurrent: neither knew about the other.',
}

export const EventDetail = memo(function EventDetail({
  space,
  selected,
}: {
  readonly space: SpaceTime
  readonly selected: readonly HistoryEvent[]
}) {
  const [first, second, both] = selected
  if (first === undefined) {
    return (
      <Stack gap="sm">
        <Title order={2}>How to read this</Title>
        <Text size="sm">
          Time runs left to right. Each node has a lane; each mark is something it did. A thin line means that a node
          had heard about another’s work before it continued.
        </Text>
        <Text size="sm">
          Changes to many files at once are one mark, a stack with their number: click it, or press Enter, to see each
          of them.
        </Text>
        <Text size="sm">
          Select an event: events it could know about are filled, events that could know about it are hollow, and those
          marked ∥ happened without either knowing about the other. Select a second event with Shift to see how they
          compare.
        </Text>
      </Stack>
    )
  }
  return (
    <Stack gap="md">
      {second !== undefined && <Comparison space={space} a={first} b={second} />}
      <OneEvent event={first} />
      {second !== undefined && <OneEvent event={second} />}
      {both !== undefined && (
        <div>
          <Text size="sm" c="dimmed">
            What both started from:
          </Text>
          <OneEvent event={both} />
        </div>
      )}
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
    <section aria-label="How they compare">
      <Group gap="sm">
        <Title order={2}>How they compare</Title>
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
                ? `${isolated(nodeName(event.node))} heard of it, and then`
                : by === 'same-node'
                  ? 'on the same node, later'
                  : 'first'}
              : {event.kind} <Name text={event.path ?? ''} /> (<NodeName node={event.node} /> {event.counter})
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

/** Whether the node did it under its own id; what people do is in the coordinator's lane. */
function isByItself(event: HistoryEvent): boolean {
  const actor = actorOf(event)
  return actor.kind === 'coordinator' || (actor.kind === 'node' && actor.node === event.node)
}

function OneEvent({ event }: { readonly event: HistoryEvent }) {
  const actorColour = useActorColour()
  return (
    <section aria-label={`Event ${event.position}`}>
      <Title order={2}>
        <span aria-hidden="true" style={{ color: actorColour(event) }}>
          {KIND_SHAPE[event.kind]}{' '}
        </span>
        {event.kind} {isByItself(event) ? 'on' : 'by'} <ActorName of={event} />
      </Title>
      {event.path !== null && <PathText path={event.path} />}
      {event.pathBefore !== null && (
        <Text size="sm" c="dimmed">
          before: <PathText path={event.pathBefore} />
        </Text>
      )}
      <Text size="sm" mt={4}>
        <Name text={event.reason} /> {DECISION_WORDS[event.decision]}
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
