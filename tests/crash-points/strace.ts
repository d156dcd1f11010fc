import { spawn, spawnSync } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { CALLS, type Point } from './point.ts'

/** For a program under the tracer: one thread for the work of a pool, and no calls past the tracer's eyes. */
export const TRACEABLE: NodeJS.ProcessEnv = { UV_USE_IO_URING: '0', UV_THREADPOOL_SIZE: '1' }

const HOW_TO_INSTALL =
  'The crash points need strace, on Linux. Install it with the package manager of your system ' +
  '(Debian: sudo apt-get install strace), then run the command again.'

/** Why no crash points can be tried here, with what to do about it; undefined if they can. */
export function whyNoStrace(): string | undefined {
  if (process.platform !== 'linux')
    return `The crash points need strace, which this system (${process.platform}) lacks.`
  const inject = ['-f', '-e', 'trace=mkdir', '-e', 'inject=mkdir:signal=KILL:when=1']
  const tried = spawnSync('strace', [...inject, 'mkdir', '/'], { stdio: 'ignore' })
  if (tried.error !== undefined) return HOW_TO_INSTALL
  if (tried.signal === 'SIGKILL') return undefined
  return 'strace is here but may not trace other processes (in a container, allow it with --cap-add=SYS_PTRACE).'
}

/** Installs strace with apt-get where it is missing and that is allowed without a password. */
export function installStrace(): void {
  if (process.platform !== 'linux' || spawnSync('strace', ['-V']).error === undefined) return
  const prefix = process.getuid?.() === 0 ? ['env'] : ['sudo', '-n', 'env']
  const apt = (...args: string[]): boolean => {
    const [program = '', ...rest] = [...prefix, 'DEBIAN_FRONTEND=noninteractive', 'apt-get', '-qq', ...args]
    return spawnSync(program, rest, { stdio: ['ignore', 2, 2] }).status === 0
  }
  process.stderr.write('Installing strace for the crash points (once) …\n')
  const install = ['install', '-y', '--no-install-recommends', 'strace']
  // A fresh machine has no package lists yet.
  if (!apt(...install)) void (apt('update') && apt(...install))
}

/** The command that runs a program and writes down each of its calls that may be a point. */
export function counting(trace: string): string[] {
  return ['strace', '--seccomp-bpf', ...written(trace), '-e', `trace=${CALLS.join(',')}`]
}

/** The command that runs a program up to a point. Without the quick filter of `counting`: it makes strace inject nothing. */
export function killingAt(point: Pick<Point, 'call' | 'at'>, trace: string): string[] {
  return ['strace', ...written(trace), ...upTo(point)]
}

/** Watches a process that runs already. Resolves once nothing it does goes past the tracer. */
export async function attachStrace(
  pid: number,
  trace: string,
  point?: Pick<Point, 'call' | 'at'>,
): Promise<{ stop(): Promise<void> }> {
  const calls = point === undefined ? ['-e', `trace=${CALLS.join(',')}`] : upTo(point)
  const tracer = spawn('strace', [...written(trace), ...calls, '-p', String(pid)], {
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  const closed = new Promise<void>((resolve) => tracer.once('close', () => resolve()))
  await new Promise<void>((resolve, reject) => {
    tracer.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (/attached/.test(text)) resolve()
    })
    tracer.once('error', reject)
    void closed.then(() => reject(new Error(`strace could not attach to process ${pid}`)))
  })
  return {
    async stop() {
      tracer.kill('SIGINT')
      await closed
    },
  }
}

export function readTrace(trace: string): Promise<string> {
  return readFile(trace, 'utf8')
}

function written(trace: string): string[] {
  return ['-f', '-y', '-s', '48', '-e', 'signal=none', '-o', trace]
}

function upTo({ call, at }: Pick<Point, 'call' | 'at'>): string[] {
  return ['-e', `trace=${call}`, '-e', `inject=${call}:signal=KILL:when=${at}`]
}
