// Loaded with `--import` into a process of a test: its wall clock is as many milliseconds off as a file says at the time.
// The file is named by `SHIFTED_CLOCK_FILE`. What counts the time that passes, timers above all, is left alone.
import { readFileSync } from 'node:fs'
import { env } from 'node:process'

const file = env['SHIFTED_CLOCK_FILE']
const RealDate = Date
const realNow = Date.now
let offsetMs = 0
let readAt = -Infinity

function now() {
  if (file !== undefined && performance.now() - readAt > 20) {
    readAt = performance.now()
    offsetMs = Number(readFileSync(file, 'utf8'))
  }
  return realNow() + offsetMs
}

RealDate.now = now
globalThis.Date = new Proxy(RealDate, {
  apply: () => new RealDate(now()).toString(),
  construct: (target, args, newTarget) => Reflect.construct(target, args.length === 0 ? [now()] : args, newTarget),
})
