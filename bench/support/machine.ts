import { availableParallelism, cpus, release, totalmem, type } from 'node:os'
import { rsyncVersion } from './rsync.ts'

/** What kind of machine the figures are from. */
export function describeMachine(): string {
  const cpu = cpus()[0]?.model.trim() ?? 'unknown CPU'
  const memory = `${Math.round(totalmem() / 2 ** 30)} GiB memory`
  const system = `${type()} ${release()}, Node ${process.versions.node}, rsync ${rsyncVersion() ?? 'not installed'}`
  return `${availableParallelism()} × ${cpu}, ${memory}; ${system}`
}
