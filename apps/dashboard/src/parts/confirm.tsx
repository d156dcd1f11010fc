import { Button, Group, Modal, Stack, Text } from '@mantine/core'
import { useEffect, useState, type ReactNode } from 'react'

interface Question {
  readonly title: string
  /** What will change, counted where it can be. */
  readonly text: ReactNode
  /** The word on the button. */
  readonly action: string
  readonly onConfirm: () => void
}

let ask: ((question: Question) => void) | undefined

/** Asks before something that one may regret. */
export const modals = {
  confirm(question: Question): void {
    ask?.(question)
  },
}

/** Where the questions appear: once, at the root. */
export function Confirm() {
  const [question, setQuestion] = useState<Question | null>(null)
  const [opened, setOpened] = useState(false)
  useEffect(() => {
    ask = (next) => {
      setQuestion(next)
      setOpened(true)
    }
    return () => {
      ask = undefined
    }
  }, [])
  const close = (): void => setOpened(false)
  return (
    // Above the drawer or dialog that it is asked from.
    <Modal
      zIndex={400}
      opened={opened}
      onClose={close}
      title={question === null ? undefined : <bdi>{question.title}</bdi>}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <Stack>
        <Text component="div" size="sm">
          {question?.text}
        </Text>
        <Group justify="end">
          <Button variant="default" onClick={close} data-autofocus>
            Cancel
          </Button>
          <Button
            color="red"
            onClick={() => {
              close()
              question?.onConfirm()
            }}
          >
            {question?.action}
          </Button>
        </Group>
      </Stack>
    </Modal>
  )
}
