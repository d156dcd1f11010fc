import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { queryClient } from '../data/query-client.ts'
import { router } from './routes.tsx'
import { SignedIn } from './signed-in.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { STYLE_NONCE } from '../parts/style-nonce.ts'
import { theme } from './theme.ts'
import { SIGN_IN_PATH, WELCOME_PATH } from './doorway-paths.ts'

/** Seen once: nobody else waits for them. */
const DOORWAYS = new Map([
  [WELCOME_PATH, lazy(async () => ({ default: (await import('./welcome.tsx')).Welcome }))],
  [SIGN_IN_PATH, lazy(async () => ({ default: (await import('./sign-in-link.tsx')).SignInLink }))],
])

export function App() {
  const Door = DOORWAYS.get(location.pathname)
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto" getStyleNonce={() => STYLE_NONCE}>
      <Notifications position="bottom-center" />
      <Confirm />
      <QueryClientProvider client={queryClient}>
        {Door === undefined ? (
          <SignedIn>
            <RouterProvider router={router} />
          </SignedIn>
        ) : (
          <Suspense>
            <Door />
          </Suspense>
        )}
      </QueryClientProvider>
    </MantineProvider>
  )
}
