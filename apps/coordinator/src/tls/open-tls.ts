import { X509Certificate } from 'node:crypto'
import type { KeyPin } from '@causeway/protocol'
import { systemClock, systemTimers } from '@causeway/time'
import { fingerprintOf, pinOf } from './credentials.ts'
import { openMadeTls, type MadeTls, type MadeTlsOptions } from './made-tls.ts'
import { openOwnTls, type OwnTls } from './own-tls.ts'
import type { Transport } from './tls-options.ts'

/** What browsers show of a certificate. */
export interface ShownCertificate {
  readonly kind: 'made' | 'own'
  /** SHA-256, in pairs of hexadecimal digits. */
  readonly fingerprint: string
  /** A day. */
  readonly validTo: string
}

export type OpenTls = (MadeTls | OwnTls) & { readonly shown: ShownCertificate }

/** TLS as configured; `undefined` for plain HTTP. */
export async function openTls(
  transport: Transport,
  options: Omit<MadeTlsOptions, 'clock' | 'timers'>,
): Promise<OpenTls | undefined> {
  if (transport.kind === 'plain') return undefined
  const system = { clock: systemClock, timers: systemTimers }
  const { log } = options
  const tls =
    transport.kind === 'made'
      ? await openMadeTls({ ...options, ...system })
      : await openOwnTls({ ...transport, ...system, log })
  const { kind, credentials } = tls
  const validTo = new Date(new X509Certificate(credentials.cert).validTo).toISOString().slice(0, 10)
  return Object.assign(tls, { shown: { kind, validTo, fingerprint: fingerprintOf(credentials) } })
}

/** The keys by which commands on this machine know the coordinator, also where others check the certificate as usual. */
export function publishedPins(tls: OpenTls | undefined): readonly KeyPin[] {
  if (tls === undefined) return []
  return tls.kind === 'made' ? tls.pins.current() : [pinOf(new X509Certificate(tls.credentials.cert).publicKey)]
}
