import { describe, expect, test } from 'vitest'
import { SyncError, isSyncError } from '@causeway/protocol'
import { filesConformance } from './files-conformance.ts'
import { createMemoryFiles } from './memory-files.ts'

function ticking(): () => bigint {
  let nowNs = 1_800_000_000_000_000_000n
  return () => (nowNs += 1000n)
}

filesConformance('the in-memory tree', async () => {
  const memory = createMemoryFiles({ now: ticking() })
  const reopen = () => {
    memory.restart()
    return memory.files
  }
  return { ...memory, reopen }
})

filesConformance('the in-memory tree that can not tell who writes', async () => {
  const memory = createMemoryFiles({ now: ticking(), knowsWriters: () => false })
  const reopen = () => {
    memory.restart()
    return memory.files
  }
  return { ...memory, reopen }
})

describe('the in-memory tree', () => {
  test('the same calls give the same tree, to the inode number and timestamp', async () => {
    const run = async (): Promise<unknown> => {
      const { files, user } = createMemoryFiles({ now: ticking() })
      user.write('a/b', 'x')
      user.symlink('c', 'a')
      return [await files.list(''), await files.list('a')]
    }
    expect(await run()).toEqual(await run())
  })

  test('timestamps are as coarse as told: two writes within the grain look alike', async () => {
    const { files, user } = createMemoryFiles({ now: ticking(), grainNs: 2_000_000_000n })
    user.write('file', 'abc')
    const before = await files.stat('file')
    user.write('file', 'xyz')
    expect(await files.stat('file')).toEqual(before)
    expect(before?.mtimeNs).toBe(1_800_000_000_000_000_000n)
  })

  test('the hook sees every call before it happens, and can make it fail or change the tree', async () => {
    const calls: string[] = []
    const memory = createMemoryFiles({
      now: ticking(),
      beforeCall: ({ method, path }) => {
        calls.push(`${method} ${path}`)
        if (method === 'stat') memory.user.write('late', 'x')
        if (method === 'makeDirectory') throw new SyncError('disk-full', 'no space')
      },
    })
    expect(await memory.files.stat('late')).toMatchObject({ kind: 'file' })
    await expect(memory.files.makeDirectory('dir', 0o755)).rejects.toSatisfy((error) => isSyncError(error, 'disk-full'))
    expect(calls).toEqual(['stat late', 'makeDirectory dir'])
    expect(memory.user.names('')).toEqual(['late'])
  })

  test('a disk that is full refuses to stage', async () => {
    const { files, user } = createMemoryFiles({ now: ticking(), capacityBytes: () => 10 })
    user.write('file', '12345')
    await expect(files.stage(6)).rejects.toSatisfy((error) => isSyncError(error, 'disk-full'))
    const fits = await files.stage(5)
    await expect(fits.write(new Uint8Array(6))).rejects.toSatisfy((error) => isSyncError(error, 'disk-full'))
  })

  test('a root that is gone or foreign is told', async () => {
    const memory = createMemoryFiles({ now: ticking() })
    memory.setRoot('missing')
    await expect(memory.files.checkRoot()).rejects.toSatisfy((error) => isSyncError(error, 'root-missing'))
    await expect(memory.files.list('')).rejects.toSatisfy((error) => isSyncError(error, 'root-missing'))
    memory.setRoot('foreign')
    await expect(memory.files.checkRoot()).rejects.toSatisfy((error) => isSyncError(error, 'root-foreign'))
  })

  test('a handle keeps writing to its file after that was renamed, and shows as a writer', async () => {
    const { files, user } = createMemoryFiles({ now: ticking() })
    const handle = user.openForWriting('log')
    user.rename('log', 'log.1')
    handle.append('late')
    expect(new TextDecoder().decode(user.read('log.1'))).toBe('late')
    expect(await files.hasWriter('log.1')).toBe(true)
    handle.close()
    expect(await files.hasWriter('log.1')).toBe(false)
  })

  test('an unreadable file is a problem in its listing', async () => {
    const { files, user } = createMemoryFiles({ now: ticking() })
    user.write('secret', 'x')
    user.chmod('secret', 0o200)
    expect(await files.list('')).toEqual({ entries: [], problems: [{ name: 'secret', reason: 'unreadable' }] })
    await expect(files.open('secret')).rejects.toSatisfy((error) => isSyncError(error, 'io-error'))
  })
})
