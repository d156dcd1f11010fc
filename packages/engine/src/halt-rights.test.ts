import type { Access, HeldReport } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { obstacleToPuttingBack } from './halt-rights.ts'

const here: HeldReport = { from: 'here', files: 1, bytes: 1, directories: [], moreDirectories: 0 }
const elsewhere: HeldReport = { ...here, from: 'elsewhere' }

test.each<readonly [Access, HeldReport | null | undefined, obstacle: string]>([
  ['read-write', here, 'none'],
  ['read-write', elsewhere, 'none'],
  ['read-write', null, 'none'],
  ['read-write', undefined, 'older version'],
  ['send-only', here, 'only sends'],
  ['receive-only', here, 'none'],
  ['receive-only', elsewhere, 'only receives'],
])('a %s node puts back what its rights let it: %o', (access, held, obstacle) => {
  const told = obstacleToPuttingBack(access, { reason: '', removed: 1, live: 2, sample: [], held })
  expect(told ?? 'none').toContain(obstacle)
})
