import '@mantine/spotlight/styles.css'
import { Button, Kbd } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight, type SpotlightActionData, type SpotlightActionGroupData } from '@mantine/spotlight'
import { useNavigate } from '@tanstack/react-router'
import { useEffect, useState } from 'react'
import { useFolders } from '../data/folders.ts'
import { useFoundFiles } from '../data/found-files.ts'
import { useSignOut } from '../data/session.ts'
import { toldApart } from '../live/node-names.ts'
import { parentOf } from '../pages/files/paths.ts'
import { NOT_BEGUN } from '../pages/overview/tour/progress.ts'
import type { TourStore } from '../pages/overview/tour/tour-store.ts'
import { useTour } from '../pages/overview/tour/use-tour.ts'
import { useLive } from '../live/use-live.ts'
import { middleCut } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'
import { showHelp } from './key-help.ts'
import look from './shell.module.css'
import { usePages } from './use-tabs.ts'

const [store, spotlight] = createSpotlight()
const TYPING_MS = 120
const WHAT = 'Go to a page, a node or a file'

/** Everything one can go to, by typing. */
export function Palette() {
  const [typed, setTyped] = useState('')
  const pages = usePageActions()
  const nodes = useNodes()
  const files = useFiles(typed)
  useEffect(chooseFirst, [files.actions])
  return (
    <Spotlight
      store={store}
      actions={[pages, nodes, files].filter(({ actions }) => actions.length > 0)}
      filter={(query, groups) => groups.flatMap((group) => matching(group as SpotlightActionGroupData, query))}
      query={typed}
      onQueryChange={setTyped}
      limit={24}
      scrollable
      maxHeight={420}
      shortcut={['mod + K']}
      // Typing in a field is no reason not to go elsewhere.
      tagsToIgnore={[]}
      searchProps={{ placeholder: WHAT, 'aria-label': WHAT }}
      nothingFound="Nothing by that name"
    />
  )
}

export function PaletteButton() {
  return (
    <Button variant="default" size="xs" onClick={spotlight.open} px="sm" className={look.palette}>
      Go to …<Kbd size="xs">Ctrl K</Kbd>
    </Button>
  )
}

/** What is found later than the typing is chosen as well, so that Enter opens it. */
function chooseFirst(): void {
  const list = document.getElementById(store.getState().listId)
  if (list === null || list.querySelector('[data-selected]') !== null) return
  list.querySelector('[data-action]')?.setAttribute('data-selected', 'true')
  store.updateState((state) => ({ ...state, selected: 0 }))
}

function usePageActions(): SpotlightActionGroupData {
  const navigate = useNavigate()
  const tour = useTour()
  const signOut = useSignOut()
  const { tabs, more } = usePages()
  const pages = [...tabs, ...more].map(({ to, label, key }): SpotlightActionData => {
    return { id: to, label, description: `g ${key}`, onClick: () => void navigate({ to }) }
  })
  const keys = { id: 'keys', label: 'Keys', description: '?', onClick: showHelp }
  const out = signOut === undefined ? [] : [{ id: 'sign-out', label: 'Sign out', onClick: signOut }]
  return { group: 'Pages', actions: [...pages, keys, ...(tour === undefined ? [] : [showTour(tour)]), ...out] }

  function showTour({ become }: TourStore): SpotlightActionData {
    const onClick = (): void => {
      become(NOT_BEGUN)
      void navigate({ to: '/' })
    }
    return { id: 'tour', label: 'Show the tour', description: 'Four things to try', onClick }
  }
}

function useNodes(): SpotlightActionGroupData {
  const navigate = useNavigate()
  const nodes = useLive((state) => state.nodes)
  const connection = useLive((state) => state.connection)
  const actions = toldApart(nodes.values()).map(({ id, name, online }): SpotlightActionData => {
    return {
      id: `node ${id}`,
      label: isolated(name),
      description: connection === 'lost' ? 'state unknown' : online ? 'online' : 'offline',
      onClick: () => void navigate({ to: '/', search: { node: id } }),
    }
  })
  return { group: 'Nodes', actions }
}

function useFiles(typed: string): SpotlightActionGroupData {
  const navigate = useNavigate()
  const [search] = useDebouncedValue(typed, TYPING_MS)
  const { data: folders } = useFolders()
  const found = useFoundFiles(folders ?? [], search)
  const actions = found.map(({ folder, file }): SpotlightActionData => {
    const within = parentOf(file.path)
    return {
      id: `file ${folder.id} ${file.id}`,
      label: isolated(file.name),
      description: isolated(middleCut([folder.name, within].filter((part) => part !== '').join(' / '), 70)),
      onClick: () => void navigate({ to: '/', search: { folder: folder.id, path: within, entry: file.id } }),
    }
  })
  return { group: 'Files', actions }
}

/** Files were searched for already, by the whole of their paths. */
function matching(group: SpotlightActionGroupData, query: string): SpotlightActionGroupData[] {
  const wanted = query.trim().toLowerCase()
  if (wanted === '' || group.group === 'Files') return [group]
  const actions = group.actions.filter(({ label }) => label?.toLowerCase().includes(wanted) === true)
  return actions.length === 0 ? [] : [{ ...group, actions }]
}
