import { readFile, writeFile } from 'node:fs/promises'

/** The kernel's unit of processor time in /proc; 100 on every Linux that Node runs on. */
const TICKS_PER_SECOND = 100

/** Processor time that a process and its ended children took so far, in seconds; undefined where the system does not tell. */
export async function cpuSecondsOf(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')
  // The name may hold spaces and brackets: the fields begin after its last bracket.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const ticks = [11, 12, 13, 14].map((index) => Number(fields[index]))
  return stat === '' ? undefined : ticks.reduce((sum, one) => sum + one, 0) / TICKS_PER_SECOND
}

/** Begins the measuring of a process's peak memory anew, where the system allows it. */
export async function resetPeakMemory(pid: number | undefined): Promise<void> {
  if (pid !== undefined) await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => undefined)
}

/** Resident bytes of a process now; undefined where the system does not tell. */
export async function residentBytesOf(pid: number | undefined): Promise<number | undefined> {
  if (pid === undefined) return undefined
  const status = await readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
  const kibibytes = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}
