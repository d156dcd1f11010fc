import { Text } from '@mantine/core'
import { useFolders } from '../../../data/folders.ts'
import { CommandLine } from '../../../parts/copy.tsx'
import { plural } from '../../../parts/format.ts'
import { rivalCommand } from './places.ts'
import type { StepProps } from './step-props.ts'
import { Shows, usePlaces } from './way.tsx'

/** Two saved the same file without having heard of each other: a person chooses. */
export function SettleStep({ folder, progress }: StepProps) {
  const { data: folders } = useFolders()
  const places = usePlaces(folder.id)
  const open = folders?.reduce((sum, one) => sum + one.openConflicts, 0) ?? 0
  if (open > 0) {
    return (
      <>
        <Text size="sm">
          {plural(open, 'conflict')} {open === 1 ? 'waits' : 'wait'}: look at both versions and keep one, the other, or
          both. Any choice can be undone.
        </Text>
        <Shows goal={{ to: '/', view: 'conflicts' }}>Look at the conflict</Shows>
        <Why folder={folder.id} />
      </>
    )
  }
  if (progress.done.settle !== undefined) return <Why folder={folder.id} />
  const command = rivalCommand(places)
  return (
    <>
      <Text size="sm">
        There is none now. A conflict arises when two nodes save the same file before either has heard about the other’s
        save
        {command === undefined
          ? ': end one node with Ctrl-C, change the same file on it and on another, and start it again.'
          : ', as here:'}
      </Text>
      {command !== undefined && <CommandLine command={command} />}
      <Shows goal={{ to: '/', view: 'conflicts' }}>It then appears in Conflicts</Shows>
    </>
  )
}

function Why({ folder }: { readonly folder: string }) {
  return <Shows goal={{ to: '/clocks', folder }}>See in Vector Clocks who knew what</Shows>
}
