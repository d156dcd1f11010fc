import { otherThan, type RestrictedPattern } from './layers.ts'

/**
 * Which room of an app may import which. A room is a folder right below an
 * app's `src`, or one file there; what is not named here is where the app is
 * put together, and may import everything. No two rooms point at each other.
 */
export interface Rooms {
  /** The app's sources. */
  readonly folder: string
  /** By room: what it may import of the app beside itself. */
  readonly mayImport: Readonly<Record<string, readonly string[]>>
}

export const ROOMS: readonly Rooms[] = [
  {
    folder: 'apps/coordinator/src',
    mayImport: {
      ports: [],
      bus: ['ports'],
      access: ['ports'],
      people: ['access', 'ports'],
      tree: ['ports'],
      nodes: ['access', 'ports', 'tree'],
      feed: ['access', 'nodes', 'ports', 'tree'],
      upkeep: ['ports'],
      stores: ['access', 'ports', 'upkeep'],
      moving: ['access', 'ports', 'stores', 'upkeep'],
      tls: ['access', 'ports'],
      measure: ['ports'],
      'coordinator.ts': ['measure', 'nodes', 'people', 'ports', 'tree', 'upkeep'],
      http: ['access', 'coordinator.ts', 'feed', 'measure', 'nodes', 'people', 'ports', 'tree'],
      link: ['access', 'coordinator.ts', 'feed', 'http', 'nodes', 'ports'],
    },
  },
  {
    folder: 'apps/agent/src',
    mayImport: {
      'ports.ts': [],
      link: ['ports.ts'],
      state: ['link'],
      assignments: ['link', 'state'],
      transfer: ['link', 'ports.ts'],
      peers: ['link', 'ports.ts', 'transfer'],
      cycle: ['link', 'ports.ts', 'transfer'],
      'sync-cycle.ts': ['cycle', 'ports.ts'],
      runner: ['assignments', 'cycle', 'link', 'ports.ts', 'sync-cycle.ts'],
    },
  },
]

/** How many folders deep a room's own folders lie. */
const DEPTHS = [0, 1, 2]

export interface RoomRule {
  readonly files: string
  readonly pattern: RestrictedPattern
}

/** What the files of a room must not import, for each depth at which they lie. */
export function roomRules({ folder, mayImport }: Rooms, room: string): readonly RoomRule[] {
  const allowed = mayImport[room] ?? []
  const named = allowed.length === 0 ? 'nothing' : allowed.join(', ')
  const message = `${room} may import of ${folder}: ${named}. The table is in scripts/lint/rooms.ts.`
  const others = allowed.length === 0 ? '' : otherThan(allowed)
  if (isFile(room)) return [{ files: `${folder}/${room}`, pattern: { regex: `^\\./${others}`, message } }]
  return DEPTHS.map((depth) => {
    const files = `${folder}/${room}/${'*/'.repeat(depth)}*`
    return { files, pattern: { regex: `^${'\\.\\./'.repeat(depth + 1)}${others}`, message } }
  })
}

/** True for a room that is one file. */
export function isFile(room: string): boolean {
  return room.endsWith('.ts')
}
