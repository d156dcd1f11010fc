import { Text } from '@mantine/core'
import type { HistoryEvent } from '@causeway/protocol'
import { useLive } from '../../../live/use-live.ts'
import { PathText } from '../../../parts/path-text.tsx'
import { parentOf } from '../../files/paths.ts'
import type { StepProps } from './step-props.ts'
import { Shows } from './way.tsx'

/** Every version is kept: one that was brought back is a new version. */
export function RestoreStep({ folder, progress }: StepProps) {
  const events = useLive((state) => state.events)
  const { restore } = progress.done
  if (restore !== undefined) {
    return (
      <Shows goal={{ to: '/', folder: restore.folder, path: parentOf(restore.path ?? ''), entry: restore.entry }}>
        See it at the top of the file’s history
      </Shows>
    )
  }
  const edited = progress.done.edit ?? newestEdit(events, folder.id)
  if (edited === undefined || edited.entry === null || edited.path === null) {
    return (
      <Text size="sm">Change any file twice. Each of its versions is then in its history and can be restored.</Text>
    )
  }
  return (
    <>
      <Text size="sm">
        <PathText path={edited.path} most={40} /> was changed. Open it, choose History, and press “Restore” next to an
        older version. It becomes a new version, so nothing is lost.
      </Text>
      <Shows goal={{ to: '/', folder: edited.folder, path: parentOf(edited.path), entry: edited.entry }}>
        Open the file
      </Shows>
    </>
  )
}

/** A file that has more than one version. */
function newestEdit(events: readonly HistoryEvent[], folder: string): HistoryEvent | undefined {
  return events.findLast((event) => event.folder === folder && event.kind === 'edit' && event.sizeBytes !== null)
}
