import type { App } from '../http/app.ts'

/** Every registered route, as `METHOD /path`. */
export function routesOf(app: App): string[] {
  // One line a route: the path, then its methods.
  const seen = app.printRoutes({ commonPrefix: false, includeHooks: false })
  const routes: string[] = []
  const stack: string[] = []
  for (const line of seen.split('\n')) {
    const match = /^([│ ├└─]*)(\S.*?) \(([A-Z, ]+)\)$/.exec(line) ?? /^([│ ├└─]*)(\S+)$/.exec(line)
    if (match === null) continue
    const [, indent = '', path = '', methods = ''] = match
    const depth = indent.length / 4
    stack.length = depth - 1
    stack.push(path)
    for (const method of methods.split(', ')) {
      if (method !== '' && method !== 'HEAD') routes.push(`${method} ${stack.join('')}`)
    }
  }
  return [...new Set(routes)]
}
