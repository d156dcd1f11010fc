/** Runs the coordinator, which also serves the dashboard, under `node --watch`. Further arguments go to `causeway serve`. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { loadDotEnv, ROOT } from './demo/options.ts'

loadDotEnv()
const main = join(ROOT, 'apps/coordinator/src/main.ts')
const args = process.argv.slice(2)
const data = args.some((arg) => /^--data(=|$)/.test(arg)) ? [] : ['--data', join(ROOT, 'demo/coordinator')]
const child = spawn(
  process.execPath,
  ['--watch', '--watch-preserve-output', main, 'serve', ...data, '--no-auth', ...args],
  {
    stdio: 'inherit',
  },
)
// A terminal sends Ctrl-C to both; another sender only here.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => child.kill(signal))
child.once('close', (code) => process.exit(code ?? 0))
