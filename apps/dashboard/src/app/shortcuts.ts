import { useEffect, useMemo } from 'react'
import { useNavigate } from '@tanstack/react-router'
import { showHelp } from './key-help.ts'
import { useSession } from '../data/rights.ts'
import { pagesOf } from './use-tabs.ts'

const CHORD_MS = 1_200

/** `g` and a letter open a page, `?` lists the keys. Nothing is taken from a field that is being typed in. */
export function useShortcuts(): void {
  const navigate = useNavigate()
  const session = useSession()
  const { tabs, more } = useMemo(() => pagesOf(session), [session])
  useEffect(() => {
    let chordUntil = 0
    function pressed(event: KeyboardEvent): void {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '?') return showHelp()
      if (event.key === 'g') {
        chordUntil = Date.now() + CHORD_MS
        return
      }
      if (Date.now() > chordUntil) return
      chordUntil = 0
      const tab = [...tabs, ...more].find(({ key }) => key === event.key)
      if (tab === undefined) return
      event.preventDefault()
      void navigate({ to: tab.to })
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [navigate, tabs, more])
}

export function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false
  return target.isContentEditable || ['INPUT', 'TEXTAREA', 'SELECT'].includes(target.tagName)
}
