import { existsSync } from 'node:fs'
import { isSyncError } from '@causeway/protocol'
import { readConfig, SERVE_HELP } from './config.ts'
import { serve } from './serve.ts'

/** Exit codes: 0 stopped as asked, 1 the start failed, 2 the arguments do not fit. */
async function main(args: readonly string[]): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env')
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
  await stopped
  await running.stop()
}

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`causeway serve: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = isSyncError(error, 'bad-request') ? 2 : 1
}
