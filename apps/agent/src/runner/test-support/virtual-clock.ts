/** Time that passes only when it is told to. */
export function virtualClock() {
  let time = 1_000_000
  let timers: { at: number; fire(): void }[] = []
  const settled = () => new Promise<void>((resolve) => setImmediate(resolve))

  return {
    now: () => time,
    sleep: (ms: number, signal?: AbortSignal) =>
      new Promise<void>((resolve, reject) => {
        const timer = { at: time + ms, fire: resolve }
        timers.push(timer)
        signal?.addEventListener('abort', () => {
          timers = timers.filter((other) => other !== timer)
          reject(signal.reason as Error)
        })
      }),
    /** Lets everything run that can run now. */
    async idle() {
      for (let turn = 0; turn < 5; turn++) await settled()
    },
    async advance(ms: number) {
      const end = time + ms
      for (;;) {
        await this.idle()
        const [next] = timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)
        if (next === undefined) break
        timers = timers.filter((timer) => timer !== next)
        time = Math.max(time, next.at)
        next.fire()
      }
      time = end
      await this.idle()
    },
  }
}
