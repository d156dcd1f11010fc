import { SyncError } from '@causeway/protocol'
import { Stalled } from './tries.ts'

/** What of a failure is known for certain, whatever threw it. */
export interface S3Failure {
  /** As the store or the system names it: `NoSuchKey`, `ECONNREFUSED`. */
  readonly code: string
  /** Of the answer; undefined where none came. */
  readonly status: number | undefined
}

export function failureOf(error: unknown): S3Failure {
  if (error instanceof Stalled) return { code: error.message, status: undefined }
  const { name, code, $metadata } = isFields(error) ? error : {}
  const status = isFields($metadata) ? $metadata['httpStatusCode'] : undefined
  const isNamed = typeof name === 'string' && name !== 'Error' && name !== 'AggregateError'
  const known = [code, isNamed ? name : undefined].find((text) => typeof text === 'string')
  return {
    code: typeof known === 'string' ? known : 'unknown failure',
    status: typeof status === 'number' && status > 0 ? status : undefined,
  }
}

/** True for what another try may not meet again: no answer, an overloaded store, a write that met another. */
export function mayPass(error: unknown): boolean {
  const { code, status } = failureOf(error)
  if (code === 'CredentialsProviderError') return false
  if (status === undefined) return true
  return status === 409 || status === 429 || (status >= 500 && status !== 501) || code === 'RequestTimeout'
}

/** For people: what was tried, on what, why it failed, and what to do. Nothing of the request comes with it. */
export function s3Error(attempt: string, place: string, error: unknown): SyncError {
  const failure = failureOf(error)
  const status = failure.status === undefined ? '' : `, status ${failure.status}`
  // A store repeats what was sent to it, signatures included; only the names are taken.
  const cause = new Error(`${failure.code}${status}`)
  return new SyncError('io-error', `cannot ${attempt} in ${place}: ${reasonOf(failure)}`, { cause })
}

const CREDENTIALS = 'check AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and what they may do in the bucket'

function reasonOf({ code, status }: S3Failure): string {
  if (code === 'CredentialsProviderError')
    return 'no credentials were found. Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or another source that the AWS tools know'
  if (code === 'NoSuchBucket') return 'there is no such bucket. Create it, or correct --chunks'
  if (code === 'RequestTimeTooSkewed') return "the store refuses this machine's time. Set the clock, for example by NTP"
  if (status === 401 || status === 403) return `the store refuses the request (${code}): ${CREDENTIALS}`
  if (status === 301 || code === 'PermanentRedirect') return 'the bucket is in another region. Add region=… to --chunks'
  if (status !== undefined && status >= 500)
    return `the store failed (${code}, status ${status}), also when asked again. Look at its log; it is tried again with the next request`
  if (status !== undefined) return `the store refuses the request (${code}, status ${status}). Look at its log`
  return `the store gave no whole answer (${code}), also when asked again. Check that it is running and that the endpoint in --chunks is right`
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}
