import { z } from 'zod'
import { SyncError } from '@causeway/protocol'
import { isLoopback } from '../access/host-check.ts'

/** How the coordinator's ports are spoken to. */
export type Transport =
  | { readonly kind: 'plain' }
  /** TLS with a certificate that the coordinator makes itself. */
  | { readonly kind: 'made' }
  /** TLS with the owner's certificate. */
  | { readonly kind: 'own'; readonly certPath: string; readonly keyPath: string }

export const TLS_HELP = `  --tls                  speak TLS on loopback too: elsewhere that is the default. The certificate is
                         self-made; join links carry its key           COORDINATOR_TLS=1
  --tls-cert FILE        your own certificate (with its chain), in PEM TLS_CERT
  --tls-key FILE         and its key; both are read again when they change   TLS_KEY
  --insecure-http        plain HTTP on an address that others can reach: they can read and change
                         everything that crosses the network           INSECURE_HTTP=1
`

export const TLS_FLAGS = {
  tls: { type: 'boolean' },
  'tls-cert': { type: 'string' },
  'tls-key': { type: 'string' },
  'insecure-http': { type: 'boolean' },
} as const

const SwitchSchema = z
  .enum(['1', 'true', 'yes', '0', 'false', 'no'], 'must be 1 or 0')
  .transform((word) => ['1', 'true', 'yes'].includes(word))

export const TLS_ENVIRONMENT = {
  COORDINATOR_TLS: SwitchSchema.optional(),
  TLS_CERT: z.string().min(1).optional(),
  TLS_KEY: z.string().min(1).optional(),
  INSECURE_HTTP: SwitchSchema.optional(),
}

export interface TlsFlags {
  readonly tls?: boolean | undefined
  readonly 'tls-cert'?: string | undefined
  readonly 'tls-key'?: string | undefined
  readonly 'insecure-http'?: boolean | undefined
}

interface TlsEnvironment {
  readonly COORDINATOR_TLS?: boolean | undefined
  readonly TLS_CERT?: string | undefined
  readonly TLS_KEY?: string | undefined
  readonly INSECURE_HTTP?: boolean | undefined
}

/** Flags win over the environment, as a whole: one that names plain HTTP is not mixed with a certificate from `.env`. */
export function transportOf(host: string, flags: TlsFlags, environment: TlsEnvironment): Transport {
  const fromFlags = {
    tls: flags.tls,
    cert: flags['tls-cert'],
    key: flags['tls-key'],
    plain: flags['insecure-http'],
  }
  const named = Object.values(fromFlags).some((value) => value !== undefined)
  const { COORDINATOR_TLS: tls, TLS_CERT: cert, TLS_KEY: key, INSECURE_HTTP: plain } = environment
  return decide(host, named ? fromFlags : { tls, cert, key, plain })
}

interface Asked {
  readonly tls: boolean | undefined
  readonly cert: string | undefined
  readonly key: string | undefined
  readonly plain: boolean | undefined
}

function decide(host: string, { tls, cert, key, plain }: Asked): Transport {
  if ((cert === undefined) !== (key === undefined))
    throw new SyncError(
      'bad-request',
      'a certificate needs its key and the other way round: give --tls-cert and --tls-key',
    )
  const wantsTls = tls === true || cert !== undefined
  if (wantsTls && plain === true)
    throw new SyncError(
      'bad-request',
      '--insecure-http turns TLS off, and a further setting turns it on: leave one out',
    )
  if (plain === true) return { kind: 'plain' }
  if (cert !== undefined && key !== undefined) return { kind: 'own', certPath: cert, keyPath: key }
  return wantsTls || !isLoopback(host) ? { kind: 'made' } : { kind: 'plain' }
}
