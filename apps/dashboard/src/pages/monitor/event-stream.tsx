import { Button, Group, MultiSelect, Text, TextInput, Title } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { EventKindSchema, type EventKind, type HistoryEvent } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useRef, useState } from 'react'
import { useLive } from '../../live/use-live.ts'
import { useActorColour, useNodeName } from '../../live/use-node-name.ts'
import { listed } from '../../parts/address.ts'
import { ActorName } from '../../parts/actor-name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { clockTime, count, moment } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { useAddress, useTyped } from '../../parts/use-address.ts'
import { UndoCommit } from '../../undo/undo-commit.tsx'
import { KIND_SHAPE } from '../clocks/kinds.ts'
import { eventsAsCsv } from './export.ts'
import { SaveButtons } from './save-buttons.tsx'
import look from './monitor.module.css'

/** Events as they happen; a person can hold them still, sieve them and take them along. */
export function EventStream() {
  const live = useLive((state) => state.events)
  const [held, setHeld] = useState<readonly HistoryEvent[] | null>(null)
  const { said, say } = useAddress()
  const { text, type, field } = useTyped('q')
  const kinds = listed(said.kinds).filter((kind) => EventKindSchema.safeParse(kind).success)
  const nodeName = useNodeName()
  const wanted = text.trim().toLowerCase()
  const shown = (held ?? live).filter(
    ({ kind, node, path, reason }) =>
      (kinds.length === 0 || kinds.includes(kind)) &&
      (wanted === '' || `${nodeName(node)} ${node} ${path ?? ''} ${reason}`.toLowerCase().includes(wanted)),
  )
  const missed = held === null ? 0 : live.filter(({ position }) => position > (held.at(-1)?.position ?? 0)).length
  return (
    <section aria-labelledby="events-title">
      <Group justify="space-between" align="end" mb="sm">
        <Title order={2} id="events-title">
          Events
        </Title>
        <Group gap="sm" align="end">
          <MultiSelect
            aria-label="Kinds of events"
            placeholder={kinds.length === 0 ? 'All kinds' : ''}
            data={[...EventKindSchema.options]}
            value={[...kinds]}
            onChange={(chosen) => say({ kinds: chosen.join(',') }, false)}
            clearable
            w={220}
          />
          <TextInput
            aria-label="Search in events"
            placeholder="Node, path or reason"
            ref={field}
            value={text}
            onChange={(event) => type(event.currentTarget.value)}
          />
          <Button variant="default" onClick={() => setHeld(held === null ? live : null)} aria-pressed={held !== null}>
            {held === null ? 'Pause' : `Resume${missed > 0 ? ` (${count(missed)} new)` : ''}`}
          </Button>
          <SaveButtons name="events" rows={() => shown} asCsv={eventsAsCsv} size="sm" />
        </Group>
      </Group>
      {shown.length === 0 ? (
        <Text size="sm" c="dimmed">
          No matching events. Change a file in a synced folder and it appears here.
        </Text>
      ) : (
        <Rows events={shown} />
      )}
      <Text size="xs" c="dimmed" mt={4}>
        The newest {count(live.length)} are shown. Vector Clocks and the REST API have all of them.
      </Text>
    </section>
  )
}

function Rows({ events }: { readonly events: readonly HistoryEvent[] }) {
  const actorColour = useActorColour()
  const box = useRef<HTMLDivElement>(null)
  // The path has a line of its own there.
  const isNarrow = useMediaQuery('(max-width: 820px)', false, { getInitialValueInEffect: false })
  const rows = useVirtualizer({
    count: events.length,
    getScrollElement: () => box.current,
    estimateSize: () => (isNarrow ? 56 : 32),
    overscan: 10,
  })
  useEffect(() => rows.measure(), [rows, isNarrow])
  return (
    <div ref={box} className={look.events} tabIndex={0} role="log" aria-label="Events, newest first">
      <div style={{ height: rows.getTotalSize(), position: 'relative' }}>
        {rows.getVirtualItems().map(({ index, start }) => {
          const event = events[events.length - 1 - index]
          if (event === undefined) return null
          return (
            <div key={event.position} className={look.event} style={{ transform: `translateY(${start}px)` }}>
              <time dateTime={event.at} title={moment(Date.parse(event.at))}>
                {clockTime(Date.parse(event.at))}
              </time>
              <span>
                <span aria-hidden="true" style={{ color: actorColour(event) }}>
                  {shapeOf(event.kind)}
                </span>{' '}
                {event.kind}
              </span>
              <span>
                <ActorName of={event} />
              </span>
              <span>{event.path === null ? '–' : <PathText path={event.path} most={56} />}</span>
              <span title={isolated(event.reason)}>
                <Name text={event.reason} />
              </span>
              <span>
                {event.seq > 0 && <UndoCommit folder={event.folder} seq={event.seq} compact label="Undo …" />}
              </span>
            </div>
          )
        })}
      </div>
    </div>
  )
}

function shapeOf(kind: EventKind): string {
  return KIND_SHAPE[kind]
}
