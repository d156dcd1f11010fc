import { Anchor, Text } from '@mantine/core'
import { isSyncError } from '@causeway/protocol'
import { useEffect, useRef, useState } from 'react'
import { client } from '../data/client.ts'
import { errorText } from '../parts/error-text.ts'
import { Doorway } from './doorway.tsx'
import { SIGN_IN_PATH } from './doorway-paths.ts'
import { NewLink } from './new-link.tsx'
import { SIGN_IN_TITLE } from './page-title.ts'
import { useLinkSecret } from './use-link-secret.ts'

/** Where a link leads that signs this browser in. */
export function SignInLink() {
  const secret = useLinkSecret({ path: SIGN_IN_PATH, title: SIGN_IN_TITLE })
  const [problem, setProblem] = useState<string | null>(null)
  const began = useRef(false)

  useEffect(() => {
    // It is good once.
    if (began.current) return
    began.current = true
    enter(secret).catch((error: unknown) => setProblem(noGood(error)))
  }, [secret])

  if (problem === null) return null
  return (
    <Doorway title="This link does not work">
      <Text size="sm">{problem}</Text>
      <NewLink />
      <Anchor href="/">Go to the sign-in</Anchor>
    </Doorway>
  )
}

/** Goes on to the dashboard, also where a link has been used that signed this very browser in. */
async function enter(secret: string): Promise<void> {
  try {
    await client.signInByLink(secret)
  } catch (error) {
    const isIn = await client.session().then(
      () => true,
      () => false,
    )
    if (!isIn) throw error
  }
  location.replace('/')
}

function noGood(error: unknown): string {
  if (isSyncError(error, 'invite-invalid') || isSyncError(error, 'bad-request'))
    return 'It has been used, has expired, or is incomplete.'
  return errorText(error)
}
