import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

/** The most memory a process ever held resident (VmHWM), in bytes; undefined where the system does not tell, or it has ended. */
export async function peakMemoryOf(pid: number | undefined): Promise<number | undefined> {
  return pid === undefined ? undefined : peakIn(await statusOf(pid))
}

/**
 * Runs `work` and meanwhile samples every process of one program that descends
 * from `roots` (they come and go: rsync forks). Gives the highest peak of any.
 */
export async function samplePeak<T>(
  program: string,
  roots: () => readonly number[],
  work: () => Promise<T>,
): Promise<{ value: T; peakBytes: number }> {
  let peakBytes = 0
  const seen = new Set<number>()
  let working = true
  const sampling = (async () => {
    while (working) {
      for (const pid of await descendantsOf(roots())) {
        const status = await statusOf(pid)
        if (!status.startsWith(`Name:\t${program}\n`)) continue
        // Around fork and exec a child shows the memory of what started it: its first sample does not count.
        if (seen.has(pid)) peakBytes = Math.max(peakBytes, peakIn(status) ?? 0)
        seen.add(pid)
      }
      await sleep(50)
    }
  })()
  try {
    return { value: await work(), peakBytes }
  } finally {
    working = false
    await sampling
  }
}

function statusOf(pid: number): Promise<string> {
  return readFile(`/proc/${pid}/status`, 'utf8').catch(() => '')
}

function peakIn(status: string): number | undefined {
  const kibibytes = /^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]
  return kibibytes === undefined ? undefined : Number(kibibytes) * 1024
}

async function descendantsOf(roots: readonly number[]): Promise<readonly number[]> {
  const parents = new Map<number, number>()
  for (const name of await readdir('/proc').catch(() => [])) {
    if (!/^\d+$/.test(name)) continue
    const parent = /^PPid:\s+(\d+)$/m.exec(await statusOf(Number(name)))?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const found = new Set(roots)
  for (let size = -1; size !== found.size;) {
    size = found.size
    for (const [pid, parent] of parents) if (found.has(parent)) found.add(pid)
  }
  return [...found]
}
