/**
 * Loaded first into each process of the demo: it ends when the demo does, however that was ended. What holds it is the
 * pipe at its stdin, which the system closes with the demo's own process.
 */
import { isMainThread } from 'node:worker_threads'

if (isMainThread) {
  process.stdin.on('error', () => undefined)
  process.stdin.once('close', () => process.kill(process.pid, 'SIGTERM'))
  process.stdin.resume()
  // Nothing of this keeps a process that has come to its end.
  process.stdin.unref()
}
