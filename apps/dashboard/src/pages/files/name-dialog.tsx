import { Button, Group, Modal, Stack, TextInput } from '@mantine/core'
import { NameSchema } from '@causeway/protocol'
import { useEffect, useRef, useState, type FormEvent } from 'react'

/** Asks for a name. It closes when what is done with the name has worked. */
export function NameDialog(props: {
  readonly title: string
  readonly action: string
  readonly name: string
  onName(name: string): Promise<boolean>
  onClose(): void
}) {
  const { title, action, name: before, onName, onClose } = props
  const [name, setName] = useState(before)
  const [busy, setBusy] = useState(false)
  const field = useRef<HTMLInputElement>(null)
  const problem = name === '' || NameSchema.safeParse(name).success ? null : 'A name must not contain / or be too long.'

  useEffect(() => {
    // The ending mostly stays: only what is before it is selected.
    const timer = setTimeout(() => field.current?.setSelectionRange(0, stemLength(before)), 50)
    return () => clearTimeout(timer)
  }, [before])

  async function submit(event: FormEvent): Promise<void> {
    event.preventDefault()
    if (name === '' || problem !== null) return
    setBusy(true)
    const worked = await onName(name)
    setBusy(false)
    if (worked) onClose()
  }

  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': 'Close' }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <TextInput
            ref={field}
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            error={problem}
            required
            data-autofocus
          />
          <Group justify="end">
            <Button variant="default" onClick={onClose}>
              Cancel
            </Button>
            <Button type="submit" loading={busy}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  )
}

function stemLength(name: string): number {
  const dot = name.lastIndexOf('.')
  return dot > 0 ? dot : name.length
}
