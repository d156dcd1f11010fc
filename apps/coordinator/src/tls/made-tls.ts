import { hostname } from 'node:os'
import { join } from 'node:path'
import { isIP } from 'node:net'
import { SyncError } from '@causeway/protocol'
import type { Log } from '@causeway/log'
import type { MetadataStore } from '@causeway/store'
import type { Clock, Timers } from '@causeway/time'
import type { Credentials, KeyRotation, ServedTls } from '../ports/served-tls.ts'
import { pinOf } from './credentials.ts'
import { createListeners } from './listeners.ts'
import { keptCertificate, makeKey } from './made-certificate.ts'
import { changeTlsKeys, keepTlsKeys, openTlsKeys, readTlsKeys, type TlsKeys } from './tls-keys.ts'

/** TLS with a certificate that the coordinator makes itself. */
export interface MadeTls extends ServedTls {
  readonly kind: 'made'
  readonly rotation: KeyRotation
  stop(): void
}

export interface MadeTlsOptions {
  /** The data directory: certificate and a copy of the keys are kept there. */
  readonly directory: string
  readonly metadata: MetadataStore
  /** Names and addresses that people use for this coordinator. */
  readonly hosts: readonly string[]
  readonly clock: Clock
  readonly timers: Timers
  readonly log: Log
}

/** So often it is looked up whether another coordinator has changed the keys, and whether the certificate is still good. */
export const LOOK_AGAIN_MS = 30_000

export async function openMadeTls(options: MadeTlsOptions): Promise<MadeTls> {
  const { directory, metadata, clock, timers, log } = options
  const names = namesOf(options.hosts)
  const listeners = createListeners()
  let keys = await openTlsKeys(directory, metadata)
  let credentials = await credentialsFor(keys)
  const lookingAgain = timers.every(LOOK_AGAIN_MS, () => void inTurn(lookAgain).catch(report)).unref()
  let turn: Promise<void> = Promise.resolve()

  async function credentialsFor({ key }: TlsKeys): Promise<Credentials> {
    const cert = await keptCertificate(join(directory, 'certificate.pem'), { key, names, now: clock.now() })
    return { key, cert }
  }

  /** Keys are read and changed one after the other. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const done = turn.then(work)
    turn = done.catch(() => undefined)
    return done
  }

  async function lookAgain(): Promise<void> {
    const stored = await readTlsKeys(metadata)
    if (stored !== undefined && stored.generation > keys.generation) await keepTlsKeys(directory, stored)
    await take(stored !== undefined && stored.generation > keys.generation ? stored : keys)
  }

  async function take(next: TlsKeys): Promise<void> {
    const now = await credentialsFor(next)
    if (next === keys && now.cert === credentials.cert) return
    keys = next
    credentials = now
    listeners.call()
  }

  function report(error: unknown): void {
    log.error({ err: error }, 'could not look up the TLS keys: those known before stay in use')
  }

  function change(decide: (keys: TlsKeys) => Pick<TlsKeys, 'key' | 'next'> | null): Promise<void> {
    return inTurn(async () => {
      await lookAgain()
      const wanted = decide(keys)
      if (wanted !== null) await take(await changeTlsKeys({ directory, metadata }, keys, wanted))
    })
  }

  return {
    kind: 'made',
    get credentials() {
      return credentials
    },
    pins: {
      current: () => [keys.key, ...(keys.next === null ? [] : [keys.next])].map(pinOf),
      subscribe: listeners.add,
    },
    subscribe: listeners.add,
    nameFor: (asked) => asked,
    rotation: {
      get next() {
        return keys.next === null ? null : pinOf(keys.next)
      },
      begin: () => change(({ key, next }) => (next === null ? { key, next: makeKey() } : null)),
      finish: () => change(({ next }) => ({ key: nextOf(next), next: null })),
      cancel: () => {
        return change(({ key, next }) => {
          nextOf(next)
          return { key, next: null }
        })
      },
    },
    stop: () => lookingAgain.cancel(),
  }
}

function nextOf(next: string | null): string {
  if (next === null) throw new SyncError('not-found', 'no key is being replaced: begin with "causeway rotate-key"')
  return next
}

/** What a certificate can name; never an address that stands for all of them. */
function namesOf(hosts: readonly string[]): string[] {
  const named = ['localhost', '127.0.0.1', '::1', hostname(), ...hosts].map((host) => {
    return host
      .trim()
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
  })
  const usable = (name: string): boolean => {
    if (isIP(name) !== 0) return name !== '0.0.0.0' && name !== '::'
    return /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(name)
  }
  return [...new Set(named.filter(usable))]
}
