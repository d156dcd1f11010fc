import { Link } from '@tanstack/react-router'
import { Fragment } from 'react'
import { useFolders } from '../data/folders.ts'
import { useLive } from '../live/use-live.ts'
import { useNow } from '../parts/clock.ts'
import { truthOf, type TruthPart } from './truth-of.ts'
import look from './shell.module.css'

/** Says whether everything is the same everywhere, else all that is not and where to settle it; and the moment for which it holds. */
export function Truth() {
  const nodes = useLive((state) => state.nodes)
  const traffic = useLive((state) => state.traffic)
  const connection = useLive((state) => state.connection)
  const { data: folders } = useFolders()
  const parts = truthOf({ nodes: [...nodes.values()], traffic, connection, folders })
  return (
    <div className={look.truth}>
      <span aria-live="polite">
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

function Part({ part: { text, tone, at } }: { readonly part: TruthPart }) {
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
  const at = new Date(connection === 'live' ? now : since)
  return <span className={look.asOf}>As of {at.toLocaleTimeString('en-GB')}</span>
}
