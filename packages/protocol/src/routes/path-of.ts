import type { ParamsFor } from './route-types.ts'
import type { Route } from './route.ts'

/** The path of a route with its parameters filled in. */
export function pathOf<R extends Route>(route: R, params: ParamsFor<R>): string {
  return filled(route.path, new Map<string, unknown>(Object.entries(params)))
}

function filled(path: string, params: ReadonlyMap<string, unknown>): string {
  return path.replaceAll(/:(\w+)/g, (_, name: string) => encodeURIComponent(String(params.get(name))))
}
