import { useNow } from './clock.ts'
import { ago, moment } from './format.ts'

/** A time relative to now; the moment itself is in the tooltip. */
export function Ago({ at }: { readonly at: string }) {
  const now = useNow()
  const ms = Date.parse(at)
  return (
    <time dateTime={at} title={moment(ms)}>
      {ago(ms, now)}
    </time>
  )
}
