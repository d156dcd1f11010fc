import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { asSyncError, isSyncError, systemAdvice, systemError } from '@causeway/protocol'
import { readConfig, SERVE_HELP } from './config.ts'
import { serve } from './serve.ts'

/** Exit codes: 0 stopped as asked, 1 the start failed, 2 the arguments do not fit. */
async function main(args: readonly string[]): Promise<void> {
  loadEnvironmentFile()
  const config = readConfig(args[0] === 'serve' ? args.slice(1) : args, process.env)
  if (config === 'help') {
    process.stdout.write(SERVE_HELP)
    return
  }
  const running = await serve(config)
  const stopped = new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve)
    process.once('SIGINT', resolve)
  })
  process.stdout.write(`ready ${running.url}\n`)
  // For people: programs read stdout, and a line of JSON is no place for a link.
  if (running.firstAdminLink !== null)
    process.stderr.write(`To make the first account, open this link (once, within a day): ${running.firstAdminLink}\n`)
  await stopped
  await running.stop()
}

function loadEnvironmentFile(): void {
  if (!existsSync('.env')) return
  try {
    process.loadEnvFile('.env')
  } catch (cause) {
    throw systemError(`cannot read ${resolve('.env')}`, cause)
  }
}

/** What failed, then what to do, a line each. */
function describeError(error: unknown): string[] {
  const told = asSyncError(error)
  if (told === undefined) return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
  const advice = told.code === 'bad-request' ? 'See "causeway serve --help".' : systemAdvice(told)
  return [told.message, ...(advice === undefined ? [] : [`  ${advice}`])]
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`causeway serve: ${describeError(error).join('\n')}\n`)
  process.exitCode = isSyncError(error, 'bad-request') ? 2 : 1
}
