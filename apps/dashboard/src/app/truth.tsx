import { useFolders } from '../data/folders.ts'
import { useLive } from '../live/use-live.ts'
import { useNow } from '../parts/clock.ts'
import { truthOf } from './truth-of.ts'
import look from './shell.module.css'

/** The one sentence that says whether everything is the same everywhere, and the moment for which it holds. */
export function Truth() {
  const nodes = useLive((state) => state.nodes)
  const connection = useLive((state) => state.connection)
  const { data: folders } = useFolders()
  return (
    <div className={look.truth}>
      <span aria-live="polite">{truthOf({ nodes: [...nodes.values()], connection, folders })}</span>{' '}
      {connection !== 'connecting' && <AsOf />}
    </div>
  )
}

/** Now while the connection stands, else when it was lost. Not read out: it changes every second. */
function AsOf() {
  const connection = useLive((state) => state.connection)
  const since = useLive((state) => state.since)
  const now = useNow()
  const at = new Date(connection === 'live' ? now : since)
  return <span className={look.asOf}>As of {at.toLocaleTimeString('en-GB')}</span>
}
