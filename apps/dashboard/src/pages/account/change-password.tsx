import { Button, PasswordInput, Stack, Title } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { LIMITS } from '@causeway/protocol'
import { useQueryClient } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'

export function ChangePassword() {
  const queries = useQueryClient()
  const [current, setCurrent] = useState('')
  const [password, setPassword] = useState('')
  const change = useAction('change the password', async () => {
    await client.changePassword(current, password)
    setCurrent('')
    setPassword('')
    await queries.invalidateQueries({ queryKey: ['sessions'] })
    notifications.show({ message: 'Your password was changed, and you were signed out everywhere else.' })
  })
  return (
    <section aria-labelledby="password-title">
      <Title order={2} id="password-title">
        Password
      </Title>
      <form
        onSubmit={(event: FormEvent) => {
          event.preventDefault()
          void change.run()
        }}
      >
        <Stack gap="sm" mt="xs" maw={420}>
          <PasswordInput
            label="Current password"
            autoComplete="current-password"
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
            required
          />
          <PasswordInput
            label="New password"
            description={`At least ${LIMITS.passwordLeastChars} characters. It signs you out everywhere else.`}
            autoComplete="new-password"
            minLength={LIMITS.passwordLeastChars}
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
            required
          />
          <div>
            <Button type="submit" variant="default" loading={change.busy}>
              Change password
            </Button>
          </div>
        </Stack>
      </form>
    </section>
  )
}
