import {
  ActionIcon,
  Anchor,
  Button,
  Group,
  Loader,
  Select,
  Stack,
  Text,
  TextInput,
  Title,
  Tooltip,
} from '@mantine/core'
import { useDeferredValue, useMemo, useRef, useState } from 'react'
import { chosenFolder } from '../../data/chosen-folder.ts'
import { useFolders, useMembers } from '../../data/folders.ts'
import { EmptyState } from '../../parts/empty-state.tsx'
import { count } from '../../parts/format.ts'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { useAddress, useChosen, useTyped } from '../../parts/use-address.ts'
import { Diagram } from './diagram.tsx'
import { EventDetail } from './event-detail.tsx'
import { EventList } from './event-list.tsx'
import { fold } from './fold.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { isolated } from '../../parts/isolated.ts'
import { Matrix } from './matrix.tsx'
import { layOut, type SpaceTime } from './space-time.ts'
import { useHistory } from './use-history.ts'
import { usePlay } from './use-play.ts'
import { useSelection } from './use-selection.ts'
import look from './clocks.module.css'

const TIMES = [
  { value: 'all', hours: null, label: 'Everything' },
  { value: 'hour', hours: 1, label: 'Last hour' },
  { value: 'day', hours: 24, label: 'Last day' },
  { value: 'week', hours: 168, label: 'Last week' },
] as const
const TIME_WORDS = TIMES.map(({ value }) => value)

/** What caused what, on every node. */
export function Clocks() {
  const { said: search, say } = useAddress()
  const folders = useFolders()
  const folder = chosenFolder(folders.data, search.folder)
  const members = useMembers(folder?.id)
  const { entry: entries } = search
  const history = useHistory(folder?.id, entries)
  const { text, type, field } = useTyped('path')
  const filter = useDeferredValue(text.trim().toLowerCase())
  const [time, setTime] = useChosen('time', TIME_WORDS, 'all')
  const hours = TIMES.find(({ value }) => value === time)?.hours ?? null
  const [spacing, setSpacing] = useState(16)

  const events = useMemo(() => {
    const since = hours === null ? 0 : Date.now() - hours * 3_600_000
    return history.events.filter(
      ({ path, node, at }) =>
        (search.node === undefined || node === search.node) &&
        (filter === '' || (path?.toLowerCase().includes(filter) ?? false)) &&
        (since === 0 || Date.parse(at) >= since),
    )
  }, [history.events, filter, hours, search.node])
  const { selected, opened, apart, select, open, foldAll, explainNext } = useSelection(history.events, events, entries)
  const runs = useMemo(() => fold(events, { opened, apart }), [events, opened, apart])
  const grown = useRef<{ readonly of: string; space: SpaceTime } | null>(null)
  const space = useMemo(() => {
    // What was laid out for the same choice goes on; anything else is laid out anew.
    const of = JSON.stringify([folder?.id, entries, filter, hours, search.node])
    const laid = layOut(runs, grown.current?.of === of ? grown.current.space : undefined)
    grown.current = { of, space: laid }
    return laid
  }, [runs])
  const play = usePlay(space.marks.length)

  const nodeName = useNodeName()
  const nodes = useMemo(() => [...new Set(history.events.map(({ node }) => String(node)))].toSorted(), [history.events])
  return (
    <Stack gap="md">
      <Group justify="space-between">
        <Title order={1}>Vector Clocks</Title>
        <Text size="sm" c="dimmed">
          {history.loading ? <Loader size="xs" aria-label="Loading events" /> : `${count(events.length)} events`}
        </Text>
      </Group>
      <Group gap="sm" align="end">
        <Select
          label="Folder"
          data={folders.data?.map(({ id, name }) => ({ value: id, label: isolated(name) })) ?? []}
          value={folder?.id ?? null}
          allowDeselect={false}
          onChange={(id) => say({ folder: id ?? undefined, event: undefined })}
        />
        <Select
          label="Node"
          placeholder="All nodes"
          clearable
          data={nodes.map((node) => ({ value: node, label: nodeName(node) }))}
          value={search.node ?? null}
          onChange={(node) => say({ node: node ?? undefined })}
        />
        <TextInput
          label="File"
          placeholder="Part of a path"
          value={text}
          ref={field}
          onChange={(event) => type(event.currentTarget.value)}
        />
        <Select label="Time" data={[...TIMES]} value={time} allowDeselect={false} onChange={setTime} />
        <Group gap={4}>
          <Tooltip label="Zoom out">
            <ActionIcon
              variant="default"
              size="lg"
              aria-label="Zoom out"
              onClick={() => setSpacing((now) => Math.max(3, now / 1.4))}
            >
              −
            </ActionIcon>
          </Tooltip>
          <Tooltip label="Zoom in">
            <ActionIcon
              variant="default"
              size="lg"
              aria-label="Zoom in"
              onClick={() => setSpacing((now) => Math.min(64, now * 1.4))}
            >
              +
            </ActionIcon>
          </Tooltip>
          <Button variant="default" onClick={play.toggle} disabled={space.marks.length === 0}>
            {play.isPlaying ? 'Pause' : play.upTo === null ? 'Play from the start' : 'Resume'}
          </Button>
          {play.upTo !== null && (
            <Button variant="subtle" onClick={play.end}>
              Show all
            </Button>
          )}
          <Tooltip label={explainNext === null ? 'There is no conflict among these events' : 'Key: n'}>
            <Button variant="default" onClick={explainNext ?? undefined} disabled={explainNext === null}>
              Next conflict
            </Button>
          </Tooltip>
          {opened.size > 0 && (
            <Button variant="subtle" onClick={foldAll}>
              Fold bursts
            </Button>
          )}
        </Group>
      </Group>
      {entries !== undefined && (
        <Text size="sm">
          Only the events of {entries.includes(',') ? 'these two files' : 'this file'} are shown.{' '}
          <Anchor component="button" type="button" onClick={() => say({ entry: undefined })}>
            Show all events of the folder
          </Anchor>
        </Text>
      )}
      {history.error !== null && <ProblemNote title="The events could not be loaded" error={history.error} />}
      {events.length === 0 && !history.loading ? (
        <EmptyState title="No events yet">
          Everything a node creates, edits, moves or deletes appears here, with what it knew at that moment. Change a
          file in a synced folder, or choose another filter.
        </EmptyState>
      ) : (
        <>
          <Diagram
            space={space}
            selected={selected}
            select={select}
            open={open}
            upTo={play.upTo}
            spacing={spacing}
            zoom={(factor) => setSpacing((now) => Math.min(64, Math.max(3, now * factor)))}
          />
          <div className={look.columns}>
            <div>
              <EventList space={space} selected={selected} select={select} open={open} />
              {history.more && (
                <Button variant="subtle" size="xs" mt="xs" onClick={history.loadMore} loading={history.loading}>
                  Load older events
                </Button>
              )}
            </div>
            <EventDetail space={space} selected={selected} />
          </div>
        </>
      )}
      {folder !== undefined && members.data !== undefined && members.data.length > 0 && (
        <Matrix folder={folder} members={members.data} />
      )}
    </Stack>
  )
}
