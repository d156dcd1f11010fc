import { watch } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/**
 * When a file with exactly these bytes is there, on `performance.now()`'s
 * clock. Told by the system, so that waiting takes no time from those who
 * work. Rejects after `timeoutMs`.
 */
export function arrivalOf(directory: string, name: string, bytes: Buffer, timeoutMs = 30_000): Promise<number> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      watcher.close()
      reject(new Error(`${name} did not arrive within ${timeoutMs / 1000} s`))
    }, timeoutMs)
    const watcher = watch(directory, (_event, changed) => {
      if (changed !== name) return
      const now = performance.now()
      readFile(join(directory, name)).then(
        (seen) => {
          if (!seen.equals(bytes)) return
          clearTimeout(timer)
          watcher.close()
          resolve(now)
        },
        () => undefined,
      )
    })
  })
}
