import { createRootRoute, createRoute, createRouter } from '@tanstack/react-router'
import type { FunctionComponent } from 'react'
import { addressOf } from '../parts/address.ts'
import { lazyPart } from '../parts/lazy-part.tsx'
import { Overview } from '../pages/overview/overview.tsx'
import { Shell } from './shell.tsx'
import { NotFound } from './not-found.tsx'
import { PageFailed } from './page-failed.tsx'

const root = createRootRoute({ component: Shell, notFoundComponent: NotFound, errorComponent: PageFailed })

const page = (path: string, component: FunctionComponent) =>
  createRoute({ getParentRoute: () => root, path, validateSearch: addressOf, component })

const latePage = (path: string, load: () => Promise<FunctionComponent>) => page(path, lazyPart('This page', load))

const tree = root.addChildren([
  // The first page for most: with all it shares with the rest in one file, it takes fewer bytes and one round trip less.
  page('/', Overview),
  latePage('/topology', async () => (await import('../pages/topology/topology.tsx')).Topology),
  latePage('/clocks', async () => (await import('../pages/clocks/clocks.tsx')).Clocks),
  latePage('/delta', async () => (await import('../pages/delta/delta.tsx')).DeltaSync),
  latePage('/monitor', async () => (await import('../pages/monitor/monitor.tsx')).Monitor),
  latePage('/people', async () => (await import('../pages/people/people.tsx')).People),
  latePage('/account', async () => (await import('../pages/account/account.tsx')).Account),
  latePage('/audit', async () => (await import('../pages/audit/audit.tsx')).AuditLog),
  latePage('/settings', async () => (await import('../pages/settings/settings.tsx')).Settings),
])

export const router = createRouter({ routeTree: tree, defaultPreload: 'intent' })
