import { QueryClient } from '@tanstack/react-query'

/** What the coordinator answered; kept fresh by the live messages, so nothing is asked for on a timer. */
export const queryClient = new QueryClient({
  defaultOptions: { queries: { staleTime: Infinity, retry: 1, refetchOnWindowFocus: false } },
})
