import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useFolders } from '../data/folders.ts'
import { useLive } from '../live/use-live.ts'
import { useNow } from '../parts/clock.ts'
import { clockTime } from '../parts/format.ts'
import { fleetSummary, type SummaryPart } from './fleet-summary.ts'
import look from './shell.module.css'

/** Says whether everything is the same everywhere, else all that is not and where to settle it; and the moment for which it holds. */
export function Truth() {
  const nodes = useLive((state) => state.nodes)
  const connection = useLive((state) => state.connection)
  const { data: folders } = useFolders()
  const parts = fleetSummary({ nodes: [...nodes.values()], connection, folders })
  return (
    <div className={look.truth}>
      <span aria-live="polite">
        {connection === 'lost' && 'The coordinator cannot be reached. Last known: '}
        {parts.map((part) => (
          <Fragment key={part.text}>
            <Part part={part} />{' '}
          </Fragment>
        ))}
      </span>
      {connection !== 'connecting' && <AsOf />}
    </div>
  )
}

const SHAPE = { halted: '■', attention: '▲', plain: null } as const

function Part({ part: { text, tone, at } }: { readonly part: SummaryPart }) {
  const shape = SHAPE[tone]
  const told = (
    <>
      {shape !== null && (
        <span aria-hidden="true" className={look.shape} data-tone={tone}>
          {shape}{' '}
        </span>
      )}
      <bdi>{text}</bdi>
    </>
  )
  if (at === undefined) return <span>{told}</span>
  return (
    <Link
      className={look.truthLink}
      to={at.to}
      search={at.search ?? true}
      {...(at.hash !== undefined && { hash: at.hash })}
      activeOptions={{ exact: true }}
    >
      {told}
    </Link>
  )
}

/** Now while the connection stands, else when it was lost. Not read out: it changes every second. */
function AsOf() {
  const connection = useLive((state) => state.connection)
  const since = useLive((state) => state.since)
  const now = useNow()
  return <span className={look.asOf}>As of {clockTime(connection === 'live' ? now : since)}</span>
}
