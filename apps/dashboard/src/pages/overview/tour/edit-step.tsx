import { Text } from '@mantine/core'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useEffect } from 'react'
import { client } from '../../../data/client.ts'
import { useRefetchOnEvents } from '../../../data/folders.ts'
import { useLiveStore } from '../../../live/use-live.ts'
import { CommandLine } from '../../../parts/copy.tsx'
import { bytes } from '../../../parts/format.ts'
import { PathText } from '../../../parts/path-text.tsx'
import { editCommand, largeFileOf, makeLargeCommand, PRACTICE_FILE } from './places.ts'
import type { Tick } from './progress.ts'
import type { StepProps } from './step-props.ts'
import { OnNode, Shows, usePlaces } from './way.tsx'

/** So many files are looked through for a large one. */
const MOST_FILES = 1000

/** Of a large file that changed a little, little crosses. */
export function EditStep({ folder, progress }: StepProps) {
  const tick = progress.done.edit
  if (tick === undefined) return <HowToEdit folder={folder} progress={progress} />
  return (
    <>
      <Crossed tick={tick} />
      <Shows goal={{ to: '/delta', folder: tick.folder }}>See it in Delta Sync</Shows>
    </>
  )
}

function HowToEdit({ folder }: StepProps) {
  const [place] = usePlaces(folder.id)
  const queryKey = ['tour-files', folder.id]
  useRefetchOnEvents(queryKey)
  const files = useQuery({ queryKey, queryFn: () => client.files({ folder: folder.id, limit: MOST_FILES }) })
  if (files.data === undefined) return null
  const large = largeFileOf(files.data.files)
  return (
    <>
      {large === undefined ? (
        <>
          <Text size="sm">
            There is no large file yet to add a line to. Make one of 20 MB, and wait until it is on the other nodes:
          </Text>
          {typeof place?.directory === 'string' && <CommandLine command={makeLargeCommand(place.directory)} />}
        </>
      ) : (
        <Text size="sm">
          <PathText path={large.path} most={40} /> holds {bytes(large.size)}. Add a line to it; its history keeps what
          it was.
        </Text>
      )}
      <OnNode
        place={place}
        folder={folder.name}
        command={(directory) => editCommand(directory, large?.path ?? PRACTICE_FILE)}
        byHand={large === undefined ? 'then change something small in it' : 'change something small in it'}
      />
      <Shows goal={{ to: '/delta', folder: folder.id }}>See what crosses in Delta Sync</Shows>
    </>
  )
}

/** What the edit took, as the coordinator counted it. */
function Crossed({ tick: { folder, entry, sizeBytes, at } }: { readonly tick: Tick }) {
  const queryKey = ['tour-crossed', folder, entry, at]
  useRefetchOnTransfers(queryKey)
  const { data } = useQuery({
    queryKey,
    queryFn: () => client.transfers(folder, { entry: entry ?? '', direction: 'up', limit: 1 }),
    enabled: entry !== null,
  })
  const [newest] = data?.transfers ?? []
  if (newest === undefined || sizeBytes === null) return null
  return (
    <Text size="sm">
      The file holds {bytes(sizeBytes)}; <strong>{bytes(newest.wireBytes)}</strong> crossed the wire for it, messages
      included.
    </Text>
  )
}

/** They are noted a moment after the edit itself. */
function useRefetchOnTransfers(queryKey: readonly unknown[]): void {
  const live = useLiveStore()
  const queries = useQueryClient()
  const key = JSON.stringify(queryKey)
  useEffect(() => {
    return live.onMessage((message) => {
      if (message.kind === 'transfers') void queries.invalidateQueries({ queryKey: JSON.parse(key) as unknown[] })
    })
  }, [live, queries, key])
}
