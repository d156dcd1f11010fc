import { useEffect, useState } from 'react'

export interface Play {
  /** The last column that is shown; null for all. */
  readonly upTo: number | null
  readonly isPlaying: boolean
  toggle(): void
  /** Back to showing everything. */
  end(): void
}

const SECONDS = 20

/** Lets time run over the diagram: all of it in about 20 seconds, one event at a time where there are few. */
export function usePlay(columns: number): Play {
  const [upTo, setUpTo] = useState<number | null>(null)
  const [isPlaying, setPlaying] = useState(false)

  useEffect(() => {
    if (!isPlaying) return
    const everyMs = Math.max(16, Math.min(400, (SECONDS * 1000) / Math.max(1, columns)))
    const step = Math.max(1, Math.round(columns / ((SECONDS * 1000) / everyMs)))
    const timer = setInterval(() => {
      setUpTo((at) => {
        const next = (at ?? -1) + step
        if (next < columns) return next
        setPlaying(false)
        return null
      })
    }, everyMs)
    return () => clearInterval(timer)
  }, [isPlaying, columns])

  return {
    upTo,
    isPlaying,
    toggle() {
      if (!isPlaying && upTo === null) setUpTo(0)
      setPlaying(!isPlaying)
    },
    end() {
      setPlaying(false)
      setUpTo(null)
    },
  }
}
