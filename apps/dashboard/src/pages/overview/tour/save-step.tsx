import { saveCommand } from './places.ts'
import { parentOf } from '../../files/paths.ts'
import type { StepProps } from './step-props.ts'
import { OnNode, Shows, usePlaces } from './way.tsx'

/** A file that is saved on one node is on the others. */
export function SaveStep({ folder, progress }: StepProps) {
  const [place] = usePlaces(folder.id)
  const tick = progress.done.save
  if (tick !== undefined) {
    return (
      <Shows goal={{ to: '/', folder: tick.folder, path: parentOf(tick.path ?? ''), entry: tick.entry }}>
        See the file, and on which nodes it is
      </Shows>
    )
  }
  return (
    <>
      <OnNode place={place} folder={folder.name} command={saveCommand} byHand="save any file" />
      <Shows goal={{ to: '/monitor' }}>See it arrive in Sync Monitor</Shows>
    </>
  )
}
