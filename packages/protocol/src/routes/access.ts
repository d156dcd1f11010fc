/** Who may use a route, as several routes have it: see `RouteAccess`. */
export const ADMIN = { access: 'admin' } as const
export const PERSON = { access: 'person' } as const
export const LISTS = { access: 'member', right: 'list' } as const
export const READS = { access: 'member', right: 'read' } as const
export const CHANGES = { access: 'member', right: 'change' } as const
