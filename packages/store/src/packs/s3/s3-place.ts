import { SyncError } from '@causeway/protocol'

/** Where packs are in an S3-compatible store. Credentials are no part of it: they come from the environment. */
export interface S3Place {
  readonly bucket: string
  /** Before every name; empty, or with a slash at its end. */
  readonly prefix: string
  /** Undefined for Amazon's own. */
  readonly endpoint: string | undefined
  readonly region: string
  /** The bucket is part of the path, not of the host name. */
  readonly pathStyle: boolean
  /** A pack grows to about this size. */
  readonly packBytes: number
  /** What may be kept of packs on this machine's disk; 0 for nothing. */
  readonly cacheBytes: number
}

const MIB = 1024 * 1024
const PACK_MIB = { least: 4, most: 64, usual: 16 }
const CACHE_MIB = { least: 0, most: 64 * 1024 * 1024, usual: 4096 }
const KNOWN = ['endpoint', 'region', 'path-style', 'pack-mib', 'cache-mib']

/**
 * Reads `s3://BUCKET[/PREFIX][?endpoint=URL&region=R&path-style=true&pack-mib=16&cache-mib=4096]`. Throws `bad-request`
 * with what is wrong. An endpoint of one's own is addressed by path unless it says otherwise.
 */
export function parseS3Place(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || url.protocol !== 's3:') throw unfit('it must look like s3://BUCKET/PREFIX?endpoint=URL')
  if (url.username !== '' || url.password !== '') {
    throw unfit('credentials do not belong in the URL: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY instead')
  }
  if (!/^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/.test(url.host)) throw unfit(`${JSON.stringify(url.host)} is no bucket name`)
  const options = url.searchParams
  const unknown = [...options.keys()].filter((name) => !KNOWN.includes(name))
  if (unknown.length > 0) throw unfit(`there is no option ${unknown.join(', ')}: choose from ${KNOWN.join(', ')}`)
  const endpoint = endpointOf(options.get('endpoint'))
  const pathStyle = options.get('path-style') ?? String(endpoint !== undefined)
  if (pathStyle !== 'true' && pathStyle !== 'false') throw unfit('path-style must be true or false')
  const path = decodeURIComponent(url.pathname)
    .split('/')
    .filter((part) => part !== '')
  return {
    bucket: url.host,
    prefix: path.map((part) => `${part}/`).join(''),
    endpoint,
    region: options.get('region') ?? 'us-east-1',
    pathStyle: pathStyle === 'true',
    packBytes: mebibytes(options, 'pack-mib', PACK_MIB),
    cacheBytes: mebibytes(options, 'cache-mib', CACHE_MIB),
  }
}

/** For people, without anything that is nobody's business. */
export function describeS3Place({ bucket, prefix, endpoint }: S3Place): string {
  return `s3://${bucket}/${prefix}${endpoint === undefined ? '' : ` at ${endpoint}`}`
}

function endpointOf(text: string | null): string | undefined {
  if (text === null) return undefined
  const url = URL.canParse(text) ? new URL(text) : undefined
  if (url === undefined || !['http:', 'https:'].includes(url.protocol) || url.username !== '') {
    throw unfit('endpoint must be an address like https://s3.example.org:9000')
  }
  return url.origin + url.pathname.replace(/\/$/, '')
}

function mebibytes(
  options: URLSearchParams,
  name: string,
  { least, most, usual }: { readonly least: number; readonly most: number; readonly usual: number },
): number {
  const text = options.get(name) ?? String(usual)
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN
  if (!(value >= least && value <= most)) throw unfit(`${name} must be a whole number from ${least} to ${most}`)
  return value * MIB
}

function unfit(why: string): SyncError {
  return new SyncError('bad-request', `the place for chunks cannot be used: ${why}`)
}
