import { lazyPart } from '../parts/lazy-part.tsx'
import { useAlertSetting } from './setting.ts'

const Watching = lazyPart('Notifications', async () => (await import('./watching.tsx')).Watching)

/** Tells of what calls for a person by the system's notifications, where they are switched on. */
export function Alerts() {
  return useAlertSetting() === 'on' ? <Watching /> : null
}
