import { Tooltip } from '@mantine/core'
import { useNow } from './clock.ts'
import { ago, moment } from './format.ts'

/**
 * A time relative to now; the moment itself is in the tooltip. `isStop`: the keyboard and touch reach it too, for where
 * it stands alone and not on each of a list's lines.
 */
export function Ago({ at, isStop = false }: { readonly at: string; readonly isStop?: boolean }) {
  const now = useNow()
  const ms = Date.parse(at)
  if (!isStop) {
    return (
      <time dateTime={at} title={moment(ms)}>
        {ago(ms, now)}
      </time>
    )
  }
  return (
    <Tooltip label={moment(ms)} events={{ hover: true, focus: true, touch: true }}>
      <time dateTime={at} tabIndex={0}>
        {ago(ms, now)}
      </time>
    </Tooltip>
  )
}
