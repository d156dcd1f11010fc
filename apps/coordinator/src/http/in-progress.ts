import type { Server, ServerResponse } from 'node:http'

/** The requests that servers have begun to take and not answered yet; sockets are not among them. */
export interface InProgress {
  readonly count: number
  watch(server: Server): void
  /** Resolves once there are none, or after `timeoutMs`; says how many are left. */
  finished(timeoutMs: number): Promise<number>
}

export function createInProgress(): InProgress {
  const open = new Set<ServerResponse>()
  let wake: () => void = () => undefined

  return {
    get count() {
      return open.size
    },
    watch(server) {
      server.on('request', (_request, response) => {
        open.add(response)
        response.once('close', () => {
          open.delete(response)
          if (open.size === 0) wake()
        })
      })
    },
    async finished(timeoutMs) {
      if (open.size === 0) return 0
      let timer: NodeJS.Timeout | undefined
      await new Promise<void>((resolve) => {
        wake = resolve
        timer = setTimeout(resolve, timeoutMs)
      })
      clearTimeout(timer)
      return open.size
    },
  }
}
