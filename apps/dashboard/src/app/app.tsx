import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { queryClient } from '../data/query-client.ts'
import { router } from './routes.tsx'
import { SignedIn } from './signed-in.tsx'
import { Confirm } from '../parts/confirm.tsx'
import { theme } from './theme.ts'
import { WELCOME_PATH } from './welcome-path.ts'

/** Seen once: nobody else waits for it. */
const Welcome = lazy(async () => ({ default: (await import('./welcome.tsx')).Welcome }))

export function App() {
  return (
    <MantineProvider theme={theme} defaultColorScheme="auto">
      <Notifications position="bottom-center" />
      <Confirm />
      <QueryClientProvider client={queryClient}>
        {location.pathname === WELCOME_PATH ? (
          <Suspense>
            <Welcome />
          </Suspense>
        ) : (
          <SignedIn>
            <RouterProvider router={router} />
          </SignedIn>
        )}
      </QueryClientProvider>
    </MantineProvider>
  )
}
