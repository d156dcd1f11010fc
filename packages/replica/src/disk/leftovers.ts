import { readdirSync, rmSync } from 'node:fs'
import type { Leftover } from '../files.ts'
import { stagingSpot, type DiskContext } from './disk-context.ts'
import { attempt } from './disk-error.ts'
import { statAt } from './disk-stat.ts'
import { openIn } from './reading.ts'
import { STAGING_DIRECTORY } from './root-marker.ts'
import type { Staging } from './staging.ts'

/** See `Files.leftovers`. */
export function listLeftovers(context: DiskContext, staging: Pick<Staging, 'isOurs'>): readonly Leftover[] {
  const spot = stagingSpot(context)
  const names = attempt('cannot list the staging area', () => readdirSync(spot.prefix))
  return names.flatMap((name): Leftover[] => {
    const stat = staging.isOurs(name) ? undefined : statAt(spot, name)
    if (stat?.kind !== 'file') return []
    return [
      {
        id: name,
        sizeBytes: stat.size,
        // The mtime of a finished file is what its content was last changed at elsewhere.
        changedAtMs: Number(stat.ctimeNs / 1_000_000n),
        open: async () => openIn(context, STAGING_DIRECTORY, name),
        discard: async () =>
          attempt('cannot remove a leftover', () => rmSync(`${stagingSpot(context).prefix}/${name}`, { force: true })),
      },
    ]
  })
}
