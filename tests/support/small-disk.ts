import { spawnSync } from 'node:child_process'
import { mkdir, open, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { Lifetime } from './lifetime.ts'

/** Why no disk of one's own can be had here; `undefined` where one can. */
export function whyNoSmallDisk(): string | undefined {
  if (process.platform !== 'linux') return `disks in memory are mounted on Linux alone, and this is ${process.platform}`
  if (process.getuid?.() !== 0) return 'only root may mount a disk'
  const tried = spawnSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', '/mnt'], {
    encoding: 'utf8',
  })
  return tried.status === 0 ? undefined : `nothing can be mounted here: ${(tried.stderr || String(tried.error)).trim()}`
}

/** A disk of some megabytes, in memory. It is gone with `life`. */
export class SmallDisk {
  readonly dir: string
  #filler: string

  constructor(dir: string) {
    this.dir = dir
    this.#filler = join(dir, 'filler')
  }

  /** Leaves no room at all. */
  async fill(): Promise<void> {
    const file = await open(this.#filler, 'w')
    try {
      for (const bytes of [1024 * 1024, 4096]) await writeUntilFull(file, Buffer.alloc(bytes))
    } finally {
      await file.close()
    }
  }

  async makeRoom(): Promise<void> {
    await rm(this.#filler)
  }

  allow(what: 'reading' | 'writing'): void {
    mount(['-o', `remount,${what === 'reading' ? 'ro' : 'rw'}`, this.dir])
  }
}

export async function givenSmallDisk(life: Lifetime, dir: string, megabytes: number): Promise<SmallDisk> {
  await mkdir(dir)
  mount(['-t', 'tmpfs', '-o', `size=${megabytes}m`, 'tmpfs', dir])
  life.add(async () => {
    // What still works there keeps it alive, and out of everybody's sight.
    spawnSync('umount', ['--lazy', dir])
  })
  return new SmallDisk(dir)
}

function mount(args: readonly string[]): void {
  const { status, stderr } = spawnSync('mount', [...args], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`mount ${args.join(' ')}: ${stderr}`)
}

async function writeUntilFull(file: Awaited<ReturnType<typeof open>>, piece: Buffer): Promise<void> {
  try {
    for (;;) await file.write(piece)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ENOSPC')) throw error
  }
}
