/** What tries are made with: timers that a test can drive, and chance. */
export interface TryEffects {
  /** Milliseconds of a clock that never goes back, and waits by it. */
  readonly timers: { after(milliseconds: number, work: () => void): { cancel(): void } }
  readonly random: { fraction(): number }
}

export interface Tries {
  readonly most: number
  /** Before the second try, at most; twice as long before each that follows. */
  readonly firstWaitMs: number
  /** Ends one try, whatever it is doing. */
  readonly boundMs: number
}

/** One try took longer than its bound. */
export class Stalled extends Error {
  constructor(boundMs: number) {
    super(`no answer within ${Math.round(boundMs / 1000)} s`)
    this.name = 'Stalled'
  }
}

/**
 * Does `work` again while it fails in a way that may pass, with growing waits of random length between. Each try is ended
 * at its bound: its signal aborts, and nothing is waited for any more, so that what comes of it later is nobody's.
 * Rejects with the last failure.
 */
export async function tryRepeatedly<T>(
  work: (signal: AbortSignal) => Promise<T>,
  options: TryEffects & Tries & { readonly mayPass: (error: unknown) => boolean; readonly signal: AbortSignal },
): Promise<T> {
  const { most, firstWaitMs, mayPass, signal } = options
  for (let made = 1; ; made++) {
    signal.throwIfAborted()
    try {
      return await once(work, options)
    } catch (error) {
      if (signal.aborted || made >= most || !(error instanceof Stalled || mayPass(error))) throw error
    }
    await pause(firstWaitMs * 2 ** (made - 1) * (0.5 + options.random.fraction() / 2), options)
  }
}

async function once<T>(
  work: (signal: AbortSignal) => Promise<T>,
  { timers, boundMs, signal }: TryEffects & Tries & { readonly signal: AbortSignal },
): Promise<T> {
  const ending = new AbortController()
  const ended = Promise.withResolvers<never>()
  const end = (reason: unknown): void => {
    ended.reject(reason)
    ending.abort(reason)
  }
  const stop = (): void => end(signal.reason)
  const timer = timers.after(boundMs, () => end(new Stalled(boundMs)))
  signal.addEventListener('abort', stop, { once: true })
  try {
    return await Promise.race([work(ending.signal), ended.promise])
  } finally {
    timer.cancel()
    signal.removeEventListener('abort', stop)
  }
}

function pause(milliseconds: number, { timers, signal }: TryEffects & { readonly signal: AbortSignal }): Promise<void> {
  return new Promise((resolve) => {
    const go = (): void => {
      timer.cancel()
      signal.removeEventListener('abort', go)
      resolve()
    }
    const timer = timers.after(milliseconds, go)
    signal.addEventListener('abort', go, { once: true })
  })
}
