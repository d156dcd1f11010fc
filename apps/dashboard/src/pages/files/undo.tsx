import { Button, Group, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { errorText } from '../../parts/error-text.ts'

const SHOWN_MS = 12_000
/** Ways back that are offered at the same time; history has the others. */
const OFFERED = 2
const offered: string[] = []

/** Says what was done, with a way back. */
export function tellDone(message: string, undo: () => Promise<unknown>): void {
  const id = notifications.show({
    message: (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">{message}</Text>
        <Button
          size="compact-sm"
          variant="light"
          flex="none"
          onClick={() => {
            notifications.hide(id)
            undo().catch((error: unknown) => tellFailure('take it back', error))
          }}
        >
          Undo
        </Button>
      </Group>
    ),
    autoClose: SHOWN_MS,
    withBorder: true,
    closeButtonProps: { 'aria-label': 'Close' },
  })
  offered.push(id)
  for (const old of offered.splice(0, offered.length - OFFERED)) notifications.hide(old)
}

/** Says what was done, where there is nothing to take back. */
export function tell(message: string): void {
  notifications.show({ message, autoClose: 6_000, withBorder: true, closeButtonProps: { 'aria-label': 'Close' } })
}

/** `what` completes the sentence "Could not …". */
export function tellFailure(what: string, error: unknown): void {
  const message = errorText(error)
  notifications.show({
    title: `Could not ${what}`,
    message,
    color: 'red',
    autoClose: SHOWN_MS,
    closeButtonProps: { 'aria-label': 'Close' },
  })
}
