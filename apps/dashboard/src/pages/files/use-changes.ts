import type { FolderId, HistoryEvent } from '@causeway/protocol'
import { useEffect, useEffectEvent } from 'react'
import { useLiveStore } from '../../live/use-live.ts'

/** Changes come in bursts: they are told at most so often. */
const TOGETHER_MS = 300

/** Where something changed, in a folder, in a short while. */
export interface Changes {
  readonly paths: ReadonlySet<string>
  /** It can't be said where: all that was read may be of the past. */
  readonly anywhere: boolean
}

/** Tells what changed in a folder, as the events tell it; `concerns` chooses among them. */
export function useChanges(
  folder: FolderId,
  onChanges: (changes: Changes) => void,
  concerns: (event: HistoryEvent) => boolean = () => true,
): void {
  const store = useLiveStore()
  const tell = useEffectEvent(onChanges)
  const isMeant = useEffectEvent(concerns)
  useEffect(() => {
    let paths = new Set<string>()
    let anywhere = false
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = store.onMessage((message) => {
      if (message.kind !== 'event' || message.event.folder !== folder || message.event.seq === 0) return
      if (!isMeant(message.event)) return
      const { path, pathBefore } = message.event
      if (path === null) anywhere = true
      else paths.add(path)
      if (pathBefore !== null) paths.add(pathBefore)
      timer ??= setTimeout(() => {
        timer = undefined
        const changes = { paths, anywhere }
        paths = new Set()
        anywhere = false
        tell(changes)
      }, TOGETHER_MS)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [store, folder])
}
