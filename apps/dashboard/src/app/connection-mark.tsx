import { Tooltip } from '@mantine/core'
import { useLive } from '../live/use-live.ts'

const TEXT = {
  connecting: { label: 'Connecting', shape: '◐', colour: 'var(--state-busy)', more: 'Connecting to the coordinator.' },
  live: { label: 'Live', shape: '●', colour: 'var(--state-ok)', more: 'Everything here changes as it happens.' },
  lost: {
    label: 'Offline',
    shape: '○',
    colour: 'var(--state-attention)',
    more: 'The coordinator cannot be reached. You see the last known state; the page catches up once the coordinator is back.',
  },
} as const

/** Whether what is shown is the truth of this moment. */
export function ConnectionMark() {
  const connection = useLive((state) => state.connection)
  const { label, shape, colour, more } = TEXT[connection]
  return (
    <Tooltip label={more} multiline maw={280}>
      <span role="status" tabIndex={0} data-connection={connection} style={{ whiteSpace: 'nowrap' }}>
        <span aria-hidden="true" style={{ color: colour }}>
          {shape}
        </span>{' '}
        {label}
      </span>
    </Tooltip>
  )
}
