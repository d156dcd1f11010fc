import { createRootRoute, createRoute, createRouter, lazyRouteComponent } from '@tanstack/react-router'
import { Shell } from './shell.tsx'
import { NotFound } from './not-found.tsx'
import { PageFailed } from './page-failed.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed })

/** Where a page's choices live: in the address, so that a link or a reload shows the same. Unknown ones are dropped. */
type Search = {
  readonly folder?: string
  readonly path?: string
  readonly entry?: string
  readonly node?: string
  readonly view?: string
  readonly tab?: string
  readonly sort?: string
  readonly q?: string
  readonly select?: string
}

function searchOf(given: Record<string, unknown>): Search {
  const known: Record<string, string> = {}
  for (const name of ['folder', 'path', 'entry', 'node', 'view', 'tab', 'sort', 'q', 'select']) {
    const value = given[name]
    if (typeof value === 'string' && value !== '') known[name] = value
  }
  return known
}

const page = (path: string, load: () => Promise<Record<string, unknown>>, name: string) =>
  createRoute({
    getParentRoute: () => root,
    path,
    validateSearch: searchOf,
    component: lazyRouteComponent(load as () => Promise<Record<string, never>>, name),
  })

const tree = root.addChildren([
  page('/', () => import('../pages/overview/overview.tsx'), 'Overview'),
  page('/topology', () => import('../pages/topology/topology.tsx'), 'Topology'),
  page('/clocks', () => import('../pages/clocks/clocks.tsx'), 'Clocks'),
  page('/delta', () => import('../pages/delta/delta.tsx'), 'DeltaSync'),
  page('/monitor', () => import('../pages/monitor/monitor.tsx'), 'Monitor'),
  page('/settings', () => import('../pages/settings/settings.tsx'), 'Settings'),
])

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent' })
