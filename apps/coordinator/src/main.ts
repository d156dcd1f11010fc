import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { asSyncError, isSyncError, systemAdvice, systemError } from '@causeway/protocol'
import { systemTimers } from '@causeway/time'
import { readConfig, SERVE_HELP } from './config.ts'
import { MOVING_COMMANDS, readMovingRequest } from './moving/moving-options.ts'
import { runMoving } from './moving/run-moving.ts'
import { serve } from './serve.ts'
import type { ShownCertificate } from './tls/open-tls.ts'

/** Exit codes: 0 stopped as asked, 1 the start failed or a second signal ended it, 2 the arguments do not fit. */
async function main(args: readonly string[]): Promise<void> {
  loadEnvironmentFile()
  const moving = MOVING_COMMANDS.find((command) => command === args[0])
  if (moving !== undefined) {
    const request = readMovingRequest(moving, args.slice(1), process.env)
    return runMoving(request, (line) => process.stdout.write(`${line}\n`))
  }
  const config = readConfig(args[0] === 'serve' ? args.slice(1) : args, process.env)
  if (config === 'help') {
    process.stdout.write(SERVE_HELP)
    return
  }
  const running = await serve(config)
  const stopped = askedToStop()
  process.stdout.write(`ready ${running.url}\n`)
  if (running.certificate !== undefined) process.stdout.write(describeCertificate(running.certificate))
  // For people: programs read stdout, and a line of JSON is no place for a link.
  if (running.firstAdminLink !== null)
    process.stderr.write(`To make the first account, open this link (once, within a day): ${running.firstAdminLink}\n`)
  await stopped
  await running.stop()
}

/** A terminal and a process manager may both pass on the same request: what comes this soon after the first is no second one. */
const SAME_REQUEST_MS = 500

/** Resolves at the first signal. A second one ends the process at once: what was acknowledged is on the disk. */
function askedToStop(): Promise<void> {
  return new Promise((resolve) => {
    let askedAt: number | undefined
    const ask = () => {
      const now = systemTimers.now()
      if (askedAt !== undefined && now - askedAt > SAME_REQUEST_MS) process.exit(1)
      askedAt ??= now
      resolve()
    }
    process.on('SIGTERM', ask)
    process.on('SIGINT', ask)
  })
}

function loadEnvironmentFile(): void {
  if (!existsSync('.env')) return
  try {
    process.loadEnvFile('.env')
  } catch (cause) {
    throw systemError(`cannot read ${resolve('.env')}`, cause)
  }
}

function describeCertificate({ kind, fingerprint, validTo }: ShownCertificate): string {
  const until = `valid until ${validTo}`
  if (kind === 'own') return `TLS with your own certificate, ${until}\n`
  return [
    `TLS with a self-made certificate, ${until}. Nodes know it by their join link.`,
    'A browser warns of it once: go on only if it shows this SHA-256 fingerprint of the certificate:',
    `  ${fingerprint}`,
    '',
  ].join('\n')
}

/** What failed, then what to do, a line each. */
function describeError(error: unknown): string[] {
  const told = asSyncError(error)
  if (told === undefined) return [error instanceof Error ? (error.stack ?? error.message) : String(error)]
  const advice = told.code === 'bad-request' ? `See "causeway ${command} --help".` : systemAdvice(told)
  return [told.message, ...(advice === undefined ? [] : [`  ${advice}`])]
}

const command = MOVING_COMMANDS.find((name) => name === process.argv[2]) ?? 'serve'

try {
  await main(process.argv.slice(2))
} catch (error) {
  process.stderr.write(`causeway ${command}: ${describeError(error).join('\n')}\n`)
  process.exitCode = isSyncError(error, 'bad-request') ? 2 : 1
}
