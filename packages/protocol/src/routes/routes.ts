import { LINK_ROUTES } from './link-routes.ts'
import { REST_ROUTES } from './rest-routes.ts'
import type { Route } from './route.ts'

/** Every route of the coordinator, but for the files of its page and of its documentation. */
export const ROUTES = { ...REST_ROUTES, link: LINK_ROUTES }

/** The same as a list. */
export function allRoutes(): Route[] {
  return Object.values(ROUTES).flatMap((area): Route[] => Object.values(area))
}
