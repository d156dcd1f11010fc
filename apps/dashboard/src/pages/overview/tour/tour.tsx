import { Button, CloseButton, Group, Text, Title } from '@mantine/core'
import { chosenFolder } from '../../../data/chosen-folder.ts'
import { useFolders } from '../../../data/folders.ts'
import { useLive, useLiveStore } from '../../../live/use-live.ts'
import { useSearch } from '@tanstack/react-router'
import { begin, nextStep, NOT_BEGUN, STEPS, type Progress } from './progress.ts'
import { Step } from './step.tsx'
import { useProgress, type TourStore } from './tour-store.ts'
import { useTicking } from './use-tour.ts'
import look from './tour.module.css'

/** Four things to try, each ticked when it has really happened. It stands until all are done, or a person wants none. */
export function Tour({ tour }: { readonly tour: TourStore }) {
  const progress = useProgress(tour) ?? NOT_BEGUN
  const isBegun = progress.seen !== null
  useTicking(tour, isBegun)
  const close = (): void => tour.become({ ...tour.progress, dismissed: true })
  return (
    <section className={look.tour} aria-labelledby="tour-title">
      <Group justify="space-between" wrap="nowrap" gap="sm">
        <Title order={2} id="tour-title">
          Four things to try
        </Title>
        <CloseButton size="sm" aria-label="Dismiss the tour" onClick={close} />
      </Group>
      {isBegun ? <Steps progress={progress} onClose={close} /> : <Invitation tour={tour} onClose={close} />}
    </section>
  )
}

function Invitation({ tour, onClose }: { readonly tour: TourStore; readonly onClose: () => void }) {
  const live = useLiveStore()
  const isConnected = useLive((state) => state.connection === 'live')
  return (
    <>
      <Text size="sm">
        Save a file, edit a large one and see what crosses the wire, resolve a conflict, restore a version. It takes
        three minutes. Each step is ticked off once it has happened.
      </Text>
      <Group gap="sm" mt="sm">
        <Button
          size="xs"
          disabled={!isConnected}
          onClick={() => tour.become(begin(tour.progress, live.state.position))}
        >
          Start
        </Button>
        <Button size="xs" variant="default" onClick={onClose}>
          No, thanks
        </Button>
      </Group>
    </>
  )
}

function Steps({ progress, onClose }: { readonly progress: Progress; readonly onClose: () => void }) {
  const search = useSearch({ strict: false })
  const folders = useFolders()
  const folder = chosenFolder(folders.data, search.folder)
  const next = nextStep(progress)
  const count = STEPS.filter((step) => progress.done[step] !== undefined).length
  return (
    <>
      <Text size="xs" c="dimmed" role="status">
        {count} of {STEPS.length} done
      </Text>
      {folder !== undefined && (
        <ol className={look.steps}>
          {STEPS.map((step) => (
            <Step
              key={step}
              step={step}
              tick={progress.done[step]}
              isNext={step === next}
              progress={progress}
              folder={folder}
            />
          ))}
        </ol>
      )}
      {next === undefined && (
        <Group gap="sm" mt="sm">
          <Text size="sm">That’s all. Press “?” for the keyboard shortcuts.</Text>
          <Button size="xs" onClick={onClose}>
            Close
          </Button>
        </Group>
      )}
    </>
  )
}
