import { useRouter } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import { useFolders } from '../data/folders.ts'
import { useLive } from '../live/use-live.ts'
import { useNow } from '../parts/clock.ts'
import { decide, type Alert, type Told } from './decide.ts'
import { standingOf } from './standing.ts'
import { createTabs, type Tabs } from './tabs.ts'

/** Watches, and tells of what is new by the system's notifications. */
export function Watching() {
  const router = useRouter()
  const nodes = useLive((state) => state.nodes)
  const connection = useLive((state) => state.connection)
  const { data: folders } = useFolders()
  const nowMs = useNow()
  const told = useRef<Told | null>(null)
  const tabs = useRef<Tabs | null>(null)

  useEffect(() => {
    const opened = createTabs()
    tabs.current = opened
    return () => opened.close()
  }, [])

  useEffect(() => {
    // What was last heard is no news.
    if (connection !== 'live' || folders === undefined) return
    const standing = standingOf(folders, [...nodes.values()], nowMs)
    const step = decide(told.current, standing, tabs.current?.isLookedAt() ?? true)
    told.current = step.told
    if (step.alert !== null && tabs.current?.speaksForAll() === true) {
      show(step.alert, (address) => void router.navigate({ href: address }))
    }
  }, [nodes, folders, connection, nowMs, router])
  return null
}

/** The newest takes the place of the one before: there is never more than one. */
function show({ title, body, address }: Alert, go: (address: string) => void): void {
  try {
    const notification = new Notification(title, { body, tag: 'causeway', icon: '/icon-192.png' })
    notification.addEventListener('click', () => {
      window.focus()
      go(address)
      notification.close()
    })
  } catch {
    // Some phones let only installed workers notify; the page itself shows the same.
  }
}
