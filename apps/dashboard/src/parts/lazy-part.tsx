import { Button, Group, Loader, Modal, Stack, Text } from '@mantine/core'
import { useEffect, useState, type ComponentType, type FunctionComponent } from 'react'
import { isReachable } from '../live/reachable.ts'
import { useLive } from '../live/use-live.ts'
import { notLoadedWords } from './not-loaded-words.ts'

/** A part whose code comes when it is wanted, and can be fetched before that. */
export type LazyPart<Props extends object> = FunctionComponent<Props> & { preload(): Promise<void> }

/**
 * A part of the page whose code comes when it is wanted. Where it can't be had, that is said in the part's place (a
 * dialog's in a dialog), with a way to try again; once the coordinator is back it comes by itself. `what` begins a
 * sentence: "The preview".
 */
export function lazyPart<Props extends object>(
  what: string,
  load: () => Promise<ComponentType<Props>>,
): LazyPart<Props> {
  let loaded: ComponentType<Props> | undefined
  let loading: Promise<ComponentType<Props>> | undefined

  async function fetched(): Promise<ComponentType<Props>> {
    if (loaded !== undefined) return loaded
    if (!isReachable()) throw new Error('the coordinator is away')
    try {
      loaded = await (loading ??= load())
      return loaded
    } finally {
      loading = undefined
    }
  }

  function Part(props: Props) {
    const [state, setState] = useState<'coming' | 'failed' | { readonly Loaded: ComponentType<Props> }>(
      loaded === undefined ? 'coming' : { Loaded: loaded },
    )
    const connection = useLive(({ connection: now }) => now)
    useEffect(() => {
      if (state !== 'coming') return
      let isGone = false
      fetched().then(
        (Loaded) => isGone || setState({ Loaded }),
        () => isGone || setState('failed'),
      )
      return () => {
        isGone = true
      }
    }, [state])
    useEffect(() => {
      if (connection === 'live') setState((now) => (now === 'failed' ? 'coming' : now))
    }, [connection])
    if (state === 'coming') return <Coming />
    if (state === 'failed') return <NotLoaded what={what} again={() => setState('coming')} close={closeOf(props)} />
    return <state.Loaded {...props} />
  }

  return Object.assign(Part, { preload: () => fetched().then(noted, noted) })
}

/** What went wrong is told when the part is wanted. */
function noted(): void {}

/** Not shown for what is there within a moment. */
function Coming() {
  const [isLong, setIsLong] = useState(false)
  useEffect(() => {
    const timer = setTimeout(() => setIsLong(true), 300)
    return () => clearTimeout(timer)
  }, [])
  // On a line of its own: what stands before it may be text.
  return isLong && <Loader size="sm" aria-label="Loading" display="block" my="sm" />
}

/** Dialogs and drawers are told apart by being closed from outside. */
function closeOf(props: object): (() => void) | undefined {
  if (!('onClose' in props) || typeof props.onClose !== 'function') return undefined
  const { onClose } = props
  return () => void onClose()
}

function NotLoaded(props: { readonly what: string; again(): void; readonly close: (() => void) | undefined }) {
  const { what, again, close } = props
  const connection = useLive((state) => state.connection)
  const { title, text } = notLoadedWords(what, connection)
  const body = (
    <Stack gap="sm">
      <Text size="sm">{text}</Text>
      <Group gap="sm">
        <Button size="xs" onClick={again}>
          Try again
        </Button>
        {connection !== 'lost' && (
          <Button size="xs" variant="default" onClick={() => location.reload()}>
            Reload the page
          </Button>
        )}
      </Group>
    </Stack>
  )
  if (close !== undefined) {
    return (
      <Modal opened onClose={close} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
        {body}
      </Modal>
    )
  }
  return (
    <Stack gap="xs" py="md" role="alert" maw={640}>
      <Text fw={600}>{title}</Text>
      {body}
    </Stack>
  )
}
