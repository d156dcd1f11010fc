import { Button, Group, List, Loader, Modal, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { COORDINATOR_ID, type CommitUndo, type FolderId } from '@causeway/protocol'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../data/client.ts'
import { useAction } from '../data/use-action.ts'
import { moment, plural } from '../parts/format.ts'
import { NodeName } from '../parts/node-name.tsx'
import { PathText } from '../parts/path-text.tsx'
import { ProblemNote } from '../parts/problem-note.tsx'
import { useMay } from '../data/rights.ts'
import { stepsOf, undoLines, undoneWords } from './undo-words.ts'

interface Commit {
  readonly folder: FolderId
  /** Any position of the change log that the commit made. */
  readonly seq: number
}

/** Undoes all that one commit did, once a person has seen, counted, what that changes. */
export function UndoCommit(props: Commit & { readonly compact?: boolean; readonly label?: string }) {
  const { folder, seq, compact = false, label = compact ? 'Undo commit' : 'Undo this whole commit' } = props
  const [opened, setOpened] = useState(false)
  if (!useMay().change(folder)) return null
  return (
    <>
      <Button
        size={compact ? 'compact-xs' : 'xs'}
        variant={compact ? 'subtle' : 'default'}
        title={compact ? 'Undo this whole commit' : undefined}
        aria-label={compact ? `${label} of change ${seq}` : undefined}
        onClick={() => setOpened(true)}
      >
        {label}
      </Button>
      <Modal
        zIndex={400}
        opened={opened}
        onClose={() => setOpened(false)}
        title="Undo the whole commit?"
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        {opened && <Question folder={folder} seq={seq} onClose={() => setOpened(false)} />}
      </Modal>
    </>
  )
}

function Question({ folder, seq, onClose }: Commit & { readonly onClose: () => void }) {
  const queries = useQueryClient()
  const plan = useQuery({
    queryKey: ['commit-undo', folder, seq],
    queryFn: () => client.commitUndo(folder, seq),
    gcTime: 0,
    retry: false,
  })
  const undo = useAction('undo the commit', async () => {
    const undone = await client.undoCommit(folder, seq)
    notifications.show({ message: undoneWords(undone), autoClose: 8_000 })
    await queries.invalidateQueries()
    onClose()
  })
  if (plan.isPending) {
    return (
      <Group gap="sm">
        <Loader size="xs" />
        <Text size="sm">Counting what it would change …</Text>
      </Group>
    )
  }
  if (plan.error !== null) {
    return <ProblemNote title="It can’t be undone" error={plan.error} retry={() => void plan.refetch()} />
  }
  const steps = stepsOf(plan.data)
  return (
    <Stack gap="sm">
      <Told plan={plan.data} />
      <Group justify="end">
        <Button variant="default" onClick={onClose} data-autofocus>
          {steps === 0 ? 'Close' : 'Cancel'}
        </Button>
        {steps > 0 && (
          <Button loading={undo.busy} onClick={() => void undo.run()}>
            Undo {plural(steps, 'change')}
          </Button>
        )}
      </Group>
    </Stack>
  )
}

function Told({ plan }: { readonly plan: CommitUndo }) {
  const lines = undoLines(plan)
  return (
    <>
      <Text size="sm">
        {plan.node === COORDINATOR_ID ? (
          'Everything the coordinator did at once'
        ) : (
          <>
            All that <NodeName node={plan.node} /> sent at once
          </>
        )}{' '}
        on {moment(Date.parse(plan.at))}. It is undone by new changes; the history keeps everything.
      </Text>
      {lines.length === 0 ? (
        <Text size="sm">Nothing is left to undo.</Text>
      ) : (
        <List size="sm">
          {lines.map((line) => (
            <List.Item key={line}>{line}</List.Item>
          ))}
        </List>
      )}
      {plan.sample.length > 0 && (
        <details>
          <summary>Some of them by name</summary>
          <List size="sm">
            {plan.sample.map((path) => (
              <List.Item key={path}>
                <PathText path={path} most={52} />
              </List.Item>
            ))}
          </List>
        </details>
      )}
      {plan.leftCount > 0 && <Left plan={plan} />}
    </>
  )
}

const SHOWN = 8

function Left({ plan: { left, leftCount } }: { readonly plan: CommitUndo }) {
  const shown = left.slice(0, SHOWN)
  return (
    <div>
      <Text size="sm">
        {plural(leftCount, 'entry', 'entries')} {leftCount === 1 ? 'stays as it is' : 'stay as they are'}:
      </Text>
      <List size="sm">
        {shown.map(({ path, why }) => (
          <List.Item key={`${path} ${why}`}>
            <PathText path={path} most={44} />: {why}
          </List.Item>
        ))}
        {leftCount > shown.length && <List.Item>and {plural(leftCount - shown.length, 'more', 'more')}</List.Item>}
      </List>
    </div>
  )
}
