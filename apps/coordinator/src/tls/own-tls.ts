import { readFile } from 'node:fs/promises'
import { systemError } from '@causeway/protocol'
import type { Log } from '@causeway/log'
import type { Clock, Timers } from '@causeway/time'
import { NO_PINS, type Credentials, type ServedTls } from '../ports/served-tls.ts'
import { checkCredentials, nameIn, type CheckedCredentials } from './credentials.ts'
import { createListeners } from './listeners.ts'

/** TLS with the owner's certificate. */
export interface OwnTls extends ServedTls {
  readonly kind: 'own'
  stop(): void
}

export interface OwnTlsOptions {
  readonly certPath: string
  readonly keyPath: string
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}

/** So often the files are looked at. */
export const LOOK_AGAIN_MS = 5_000
const WARN_DAYS = 14

/**
 * Serves a certificate from files and takes up what replaces it there: two
 * that do not (yet) belong together change nothing. Throws `io-error` if it
 * can't begin.
 */
export async function openOwnTls({ certPath, keyPath, clock, timers, log }: OwnTlsOptions): Promise<OwnTls> {
  const listeners = createListeners()
  let credentials = await load()
  warnOfEnd(credentials)
  let refused = ''
  let isLooking = false
  const lookingAgain = timers.every(LOOK_AGAIN_MS, () => void lookAgain()).unref()

  async function load(): Promise<CheckedCredentials> {
    const files = { cert: await read(certPath), key: await read(keyPath) }
    return checkCredentials(files, { certPath, keyPath, now: clock.now() })
  }

  async function lookAgain(): Promise<void> {
    if (isLooking) return
    isLooking = true
    try {
      const found = await load()
      refused = ''
      if (isSame(found, credentials)) return
      credentials = found
      log.info({ certificate: certPath, validTo: found.validTo.toISOString() }, 'the TLS certificate was replaced')
      warnOfEnd(found)
      listeners.call()
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      // Said once, not every few seconds.
      if (reason !== refused)
        log.warn({ certificate: certPath, reason }, 'the TLS files cannot be used: the former ones stay in use')
      refused = reason
    } finally {
      isLooking = false
    }
  }

  function warnOfEnd({ validTo }: CheckedCredentials): void {
    const days = Math.floor((validTo.getTime() - clock.now()) / 86_400_000)
    if (days < WARN_DAYS) log.warn({ certificate: certPath }, `the TLS certificate expires in ${days} days: renew it`)
  }

  return {
    kind: 'own',
    get credentials() {
      return credentials
    },
    pins: NO_PINS,
    subscribe: listeners.add,
    nameFor: (asked) => nameIn(credentials.cert, asked),
    rotation: null,
    stop: () => lookingAgain.cancel(),
  }
}

function isSame(a: Credentials, b: Credentials): boolean {
  return a.key === b.key && a.cert === b.cert
}

function read(path: string): Promise<string> {
  return readFile(path, 'utf8').catch((cause: unknown) => {
    throw systemError(`cannot read ${path}`, cause)
  })
}
