import { Button, Checkbox, Group, NumberInput, Stack, Text, TextInput } from '@mantine/core'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { idOf, listed } from './register-words.ts'

const CAPABILITIES = ['sync', 'watch', 'relay'] as const

/** The form of the original interface. */
export function Register({ onDone }: { readonly onDone: () => void }) {
  const [name, setName] = useState('')
  const [ownId, setOwnId] = useState<string | null>(null)
  const [address, setAddress] = useState('127.0.0.1')
  const [port, setPort] = useState<number | string>(8001)
  const [directories, setDirectories] = useState('')
  const [capabilities, setCapabilities] = useState<readonly string[]>(['sync', 'watch'])
  const id = ownId ?? idOf(name)
  const register = useAction('register the node', async () => {
    await client.register({
      node_id: id,
      name,
      address,
      port: Number(port),
      watch_directories: listed(directories),
      capabilities,
    })
    onDone()
  })

  function submit(event: FormEvent): void {
    event.preventDefault()
    void register.run()
  }

  return (
    <form onSubmit={submit}>
      <Stack>
        <Text size="sm" c="dimmed">
          Records a node under an id of your choice. To sync folders, it still needs a join link.
        </Text>
        <Group grow align="start">
          <TextInput
            label="Name"
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
            required
            maxLength={100}
          />
          <TextInput
            label="Id"
            value={id}
            onChange={(event) => setOwnId(event.currentTarget.value)}
            required
            pattern="[a-z0-9][a-z0-9\-]*"
            title="Lowercase letters, digits and hyphens"
          />
        </Group>
        <Group grow align="start">
          <TextInput
            label="Address"
            value={address}
            onChange={(event) => setAddress(event.currentTarget.value)}
            required
          />
          <NumberInput label="Port" value={port} onChange={setPort} min={0} max={65_535} required />
        </Group>
        <TextInput
          label="Watch directories"
          description="Comma-separated"
          value={directories}
          onChange={(event) => setDirectories(event.currentTarget.value)}
        />
        <Checkbox.Group label="Capabilities" value={[...capabilities]} onChange={setCapabilities}>
          <Group mt="xs">
            {CAPABILITIES.map((word) => (
              <Checkbox key={word} value={word} label={word} />
            ))}
          </Group>
        </Checkbox.Group>
        <Group justify="end">
          <Button type="submit" loading={register.busy}>
            Register
          </Button>
        </Group>
      </Stack>
    </form>
  )
}
