import { SyncError } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { asOwner } from './running-coordinator.ts'

test('a token that the coordinator does not accept is named with its file, not as a node that has to join again', async () => {
  const refused = asOwner('/data', () => Promise.reject(new SyncError('not-signed-in', 'this needs a sign-in')))
  await expect(refused).rejects.toMatchObject({
    code: 'not-allowed',
    message: expect.stringContaining('does not accept the token in /data/admin.token'),
  })
  const other = new SyncError('offline', 'nobody there')
  await expect(asOwner('/data', () => Promise.reject(other))).rejects.toBe(other)
})
