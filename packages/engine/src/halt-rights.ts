import type { Access, HaltReport } from '@causeway/protocol'

/**
 * Why a node can't put back what it holds back, as the end of a sentence that
 * begins with its name, and what to do about it; or null where it can.
 */
export function obstacleToPuttingBack(access: Access, { held }: HaltReport): string | null {
  if (held === undefined)
    return 'runs an older version, which can’t put anything back. Update it, or put the files back by hand.'
  if (access === 'send-only') return 'only sends this folder, so nothing can come back to it. Let it receive too.'
  if (access === 'receive-only' && held?.from === 'elsewhere')
    return 'only receives this folder, so it can’t bring back what others deleted. Let it send too, or restore from the history.'
  return null
}
