import { Button, Group, MultiSelect, NumberInput, Select, TextInput } from '@mantine/core'
import { LIMITS, type FolderView, type TokenMade, type TokenScope } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'

export const SCOPES: readonly { readonly value: TokenScope; readonly label: string }[] = [
  { value: 'read', label: 'Read only' },
  { value: 'write', label: 'Read and change files' },
  { value: 'admin', label: 'Everything I can do' },
]

const USUAL_DAYS = 90

interface NewTokenProps {
  readonly folders: readonly FolderView[]
  onMade(made: TokenMade): void
}

/** What a new token is for: as little as its script needs, and for no longer. */
export function NewToken({ folders, onMade }: NewTokenProps) {
  const queries = useQueryClient()
  const [name, setName] = useState('')
  const [scope, setScope] = useState<TokenScope>('read')
  const [only, setOnly] = useState<readonly string[]>([])
  const [days, setDays] = useState<number | string>(USUAL_DAYS)
  const make = useAction('create the token', async () => {
    const chosen = folders.map(({ id }) => id).filter((id) => only.includes(id))
    onMade(
      await client.makeToken({
        name: name.trim(),
        scope,
        days: Number(days),
        ...(chosen.length > 0 && { folders: chosen }),
      }),
    )
    setName('')
    await queries.invalidateQueries({ queryKey: ['tokens'] })
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    void make.run()
  }
  return (
    <form onSubmit={submit}>
      <Group align="end" gap="sm" mt="sm">
        <TextInput
          label="New token"
          placeholder="nightly backup"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <Select
          label="Access"
          data={[...SCOPES]}
          value={scope}
          allowDeselect={false}
          onChange={(value) => setScope(SCOPES.find((known) => known.value === value)?.value ?? 'read')}
        />
        <MultiSelect
          label="Folders"
          miw={200}
          placeholder={only.length === 0 ? 'All I have access to' : ''}
          data={folders.map(({ id, name }) => ({ value: id, label: name }))}
          value={[...only]}
          onChange={setOnly}
        />
        <NumberInput
          label="Expires after"
          w={140}
          suffix=" days"
          min={1}
          max={LIMITS.tokenDays}
          clampBehavior="strict"
          allowDecimal={false}
          value={days}
          onChange={setDays}
          required
        />
        <Button type="submit" variant="default" loading={make.busy}>
          Create token
        </Button>
      </Group>
    </form>
  )
}
