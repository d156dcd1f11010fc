import type { SessionView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { client } from './client.ts'
import { mayOf, type May } from './may.ts'

/** Who looks at this page, and what they may do; undefined until it is known. */
export function useSession(): SessionView | undefined {
  return useQuery({ queryKey: ['session'], queryFn: () => client.session() }).data
}

export function useMay(): May {
  return mayOf(useSession()?.rights)
}
