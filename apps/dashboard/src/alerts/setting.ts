import { useSyncExternalStore } from 'react'

/** Whether this browser shows notifications: on, off, or why it can't. */
export type AlertSetting = 'on' | 'off' | 'blocked' | 'insecure' | 'unsupported'

const KEY = 'causeway-notifications'
const listeners = new Set<() => void>()

export function useAlertSetting(): AlertSetting {
  return useSyncExternalStore(subscribe, alertSetting)
}

/** Asks the browser for its leave, where it has not been asked yet. */
export async function turnAlertsOn(): Promise<void> {
  await Notification.requestPermission()
  localStorage.setItem(KEY, 'on')
  changed()
}

export function turnAlertsOff(): void {
  localStorage.removeItem(KEY)
  changed()
}

function alertSetting(): AlertSetting {
  if (!window.isSecureContext) return 'insecure'
  if (!('Notification' in window)) return 'unsupported'
  if (Notification.permission === 'denied') return 'blocked'
  return Notification.permission === 'granted' && localStorage.getItem(KEY) === 'on' ? 'on' : 'off'
}

/** Another tab may have changed it. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  window.addEventListener('storage', listener)
  return () => {
    listeners.delete(listener)
    window.removeEventListener('storage', listener)
  }
}

function changed(): void {
  for (const listener of listeners) listener()
}
