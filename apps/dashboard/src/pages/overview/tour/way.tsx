import { Anchor, Text } from '@mantine/core'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import { CommandLine } from '../../../parts/copy.tsx'
import { useLive } from '../../../live/use-live.ts'
import { placesOf, type Place } from './places.ts'

/** Where a folder can be written to. */
export function usePlaces(folder: string): readonly Place[] {
  const nodes = useLive((state) => state.nodes)
  return placesOf(nodes.values(), folder)
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
        No node that may write to {folder} is online. Start one with <code>bin/causeway up</code> on its machine.
      </Text>
    )
  }
  if (place.directory === null) {
    return (
      <Text size="sm">
        On <bdi>{place.name}</bdi>, {byHand} in its directory of {folder}.
      </Text>
    )
  }
  return (
    <>
      <Text size="sm" mb={4}>
        On <bdi>{place.name}</bdi>, in a terminal, or {byHand} in that directory with any program:
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

/** The directory that a path lies in, from the folder's root; empty for the root itself. */
export function directoryOf(path: string): string {
  return path.split('/').slice(0, -1).join('/')
}
