import { Anchor, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { CommandLine } from '../../../parts/copy.tsx'
import { toldApart } from '../../../live/node-names.ts'
import { useLive } from '../../../live/use-live.ts'
import { Name } from '../../../parts/name.tsx'
import { placesOf, type Place } from './places.ts'

/** Where a folder can be written to. */
export function usePlaces(folder: string): readonly Place[] {
  const nodes = useLive((state) => state.nodes)
  return placesOf(toldApart(nodes.values()), folder)
}

/** A command to run in a node's directory; in words where it is not known which directory that is. */
export function OnNode(props: {
  readonly place: Place | undefined
  readonly folder: string
  readonly command: (directory: string) => string
  /** What to do by hand: completes "On ash, …". */
  readonly byHand: string
}) {
  const { place, folder, command, byHand } = props
  if (place === undefined) {
    return (
      <Text size="sm">
        No node that may write to <Name text={folder} /> is online. Start one with <code>bin/causeway up</code> on its
        machine.
      </Text>
    )
  }
  if (place.directory === null) {
    return (
      <Text size="sm">
        On <Name text={place.name} />, {byHand} in its directory of <Name text={folder} />.
      </Text>
    )
  }
  return (
    <>
      <Text size="sm" mb={4}>
        On <Name text={place.name} />, in a terminal, or {byHand} in that directory with any program:
      </Text>
      <CommandLine command={command(place.directory)} />
    </>
  )
}

export interface Goal {
  readonly to: '/' | '/clocks' | '/delta' | '/monitor'
  readonly folder?: string
  readonly entry?: string | null
  readonly path?: string | null
  readonly view?: 'conflicts'
}

/** Leads to the page where a step shows. */
export function Shows({ goal, children }: { readonly goal: Goal; readonly children: ReactNode }) {
  const { to, folder, entry, path, view } = goal
  const search = {
    ...(folder !== undefined && { folder }),
    ...(typeof entry === 'string' && { entry }),
    ...(typeof path === 'string' && path !== '' && { path }),
    ...(view !== undefined && { view }),
  }
  return (
    <Anchor size="sm" underline="always" renderRoot={(given) => <Link {...given} to={to} search={search} />}>
      {children}
    </Anchor>
  )
}
