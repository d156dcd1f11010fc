import type * as Commands from '@aws-sdk/client-s3'
import { isSyncError, SyncError } from '@causeway/protocol'
import { createHash } from 'node:crypto'
import type { ByteRange, PackObjects } from '../pack-objects.ts'
import { failureOf, mayPass, s3Error } from './s3-error.ts'
import { describeS3Place, type S3Place } from './s3-place.ts'
import { tryRepeatedly, type TryEffects, type Tries } from './tries.ts'

export interface S3PackObjects extends PackObjects {
  /** Ends what is in progress. */
  close(): void
}

export interface S3Options extends TryEffects {
  readonly place: S3Place
  readonly tries?: Tries
}

const TRIES: Tries = { most: 4, firstWaitMs: 250, boundMs: 20_000 }
/** A try may take longer by what its bytes need at this rate. */
const LEAST_BYTES_PER_MS = 512
/** The store takes no more names in one request. */
const NAMES_AT_ONCE = 1000
/** Written once, to see whether the store refuses a second write. */
const PROBE = 'write-once'
const DIGEST = 'sha256'

/**
 * Packs in an S3-compatible store. Relies on this: what the store has acknowledged is read and listed by everybody from
 * then on, and an object is seen whole or not at all.
 *
 * That a name is never given to other bytes is the caller's promise. Where the store knows conditional writes, it is
 * enforced there; where it does not, the object is looked at before and after, which detects an older one but not a
 * simultaneous one. Each object carries the SHA-256 of its bytes, so that a repeated save knows its own.
 */
export async function openS3PackObjects(options: S3Options): Promise<S3PackObjects> {
  // Only here: a start without S3 need not load it.
  const commands = await import('@aws-sdk/client-s3')
  return new Objects(commands, options)
}

class Objects implements S3PackObjects {
  readonly #s3: typeof Commands
  readonly #options: S3Options
  readonly #client: Commands.S3Client
  readonly #ending = new AbortController()
  #isConditional: Promise<boolean> | undefined

  constructor(s3: typeof Commands, options: S3Options) {
    const { endpoint, region, pathStyle } = options.place
    this.#s3 = s3
    this.#options = options
    this.#client = new s3.S3Client({
      region,
      forcePathStyle: pathStyle,
      ...(endpoint !== undefined && { endpoint }),
      // Tries are made, bounded and ended here.
      maxAttempts: 1,
      requestHandler: { connectionTimeout: 5_000, httpsAgent: { maxSockets: 64 }, httpAgent: { maxSockets: 64 } },
      // Stores that are not Amazon's often know Content-MD5 alone, which is sent with each object.
      requestChecksumCalculation: 'WHEN_REQUIRED',
      responseChecksumValidation: 'WHEN_REQUIRED',
    })
  }

  async save(pack: string, bytes: Uint8Array): Promise<void> {
    const own = { bytes: bytes.length, digest: createHash('sha256').update(bytes).digest('hex') }
    const isConditional = await this.#knowsConditions()
    if (!isConditional) {
      const there = await this.#head(pack)
      if (there !== null) return this.#expectOwn(pack, own, there)
    }
    const md5 = createHash('md5').update(bytes).digest('base64')
    const put = this.#put(pack, bytes, { ContentMD5: md5, Metadata: { [DIGEST]: own.digest }, isConditional })
    const isTaken = await this.#try(`save the pack ${pack}`, put, bytes.length)
    // By an earlier try whose answer was lost, or by whoever finished the same pack.
    if (isTaken || !isConditional) this.#expectOwn(pack, own, await this.#head(pack))
  }

  async read(pack: string, { offset, length }: ByteRange): Promise<Uint8Array> {
    const ends = (bytes: number | null): SyncError => {
      if (bytes === null) return new SyncError('chunk-missing', `cannot read from the pack ${pack}: it is gone`)
      return new SyncError('chunk-corrupt', `the pack ${pack} ends at ${bytes}, before ${offset + length}`)
    }
    if (offset < 0 || length <= 0) {
      const bytes = await this.size(pack)
      if (bytes === null || offset < 0 || offset > bytes) throw ends(bytes)
      return new Uint8Array()
    }
    const found = await this.#try(
      `read ${length} bytes from the pack ${pack}`,
      (signal) => this.#get(pack, { offset, length }, signal),
      length,
    )
    if (found === 'missing') throw ends(null)
    if (found === 'beyond' || found.length < length) throw ends((await this.size(pack)) ?? 0)
    return found
  }

  async size(pack: string): Promise<number | null> {
    return (await this.#head(pack))?.bytes ?? null
  }

  async list(): Promise<readonly { pack: string; bytes: number }[]> {
    const { bucket: Bucket, prefix: Prefix } = this.#options.place
    const found: { pack: string; bytes: number }[] = []
    for (let token: string | undefined; ;) {
      const input = { Bucket, Prefix, ContinuationToken: token }
      const page = await this.#try('list the packs', (abortSignal) =>
        this.#client.send(new this.#s3.ListObjectsV2Command(input), { abortSignal }),
      )
      for (const { Key = '', Size = 0 } of page.Contents ?? []) {
        const pack = Key.slice(Prefix.length)
        if (pack !== PROBE && !pack.includes('/')) found.push({ pack, bytes: Size })
      }
      token = page.NextContinuationToken
      if (page.IsTruncated !== true || token === undefined) return found
    }
  }

  async remove(packs: readonly string[]): Promise<void> {
    for (let at = 0; at < packs.length; at += NAMES_AT_ONCE) {
      await this.#removeTogether(packs.slice(at, at + NAMES_AT_ONCE))
    }
  }

  close(): void {
    this.#ending.abort(new SyncError('internal', 'the pack objects were used after they were closed'))
    this.#client.destroy()
  }

  async #removeTogether(packs: readonly string[]): Promise<void> {
    const attempt = `remove ${packs.length} packs (${packs[0]} …)`
    const Delete = { Objects: packs.map((pack) => ({ Key: this.#key(pack) })), Quiet: true }
    const input = { Bucket: this.#options.place.bucket, Delete }
    const left = await this.#try(attempt, async (abortSignal) => {
      try {
        const answer = await this.#client.send(new this.#s3.DeleteObjectsCommand(input), { abortSignal })
        return answer.Errors ?? []
      } catch (error) {
        const { status } = failureOf(error)
        // Not every store knows requests for several.
        return status === 400 || status === 405 || status === 501 ? null : Promise.reject(error)
      }
    })
    if (left === null) for (const pack of packs) await this.#removeOne(pack)
    else if (left.length > 0) {
      const failure = { name: left[0]?.Code ?? 'unknown failure', $metadata: { httpStatusCode: 500 } }
      throw s3Error(`remove ${left.length} of ${packs.length} packs`, this.#where(), failure)
    }
  }

  async #removeOne(pack: string): Promise<void> {
    const input = { Bucket: this.#options.place.bucket, Key: this.#key(pack) }
    await this.#try(`remove the pack ${pack}`, (abortSignal) =>
      this.#client.send(new this.#s3.DeleteObjectCommand(input), { abortSignal }),
    )
  }

  /** Resolves to true where a conditional write found that the name is taken. */
  #put(
    name: string,
    bytes: Uint8Array,
    more: { readonly isConditional: boolean; readonly ContentMD5?: string; readonly Metadata?: Record<string, string> },
  ): (signal: AbortSignal) => Promise<boolean> {
    const { isConditional, ...fields } = more
    const input = {
      Bucket: this.#options.place.bucket,
      Key: this.#key(name),
      Body: bytes,
      ContentLength: bytes.length,
      ...(isConditional && { IfNoneMatch: '*' }),
      ...fields,
    }
    return async (abortSignal) => {
      try {
        await this.#client.send(new this.#s3.PutObjectCommand(input), { abortSignal })
        return false
      } catch (error) {
        if (failureOf(error).status === 412) return true
        throw error
      }
    }
  }

  async #get(pack: string, { offset, length }: ByteRange, abortSignal: AbortSignal) {
    const range = { Range: `bytes=${offset}-${offset + length - 1}` }
    const input = { Bucket: this.#options.place.bucket, Key: this.#key(pack), ...range }
    try {
      const answer = await this.#client.send(new this.#s3.GetObjectCommand(input), { abortSignal })
      const bytes = (await answer.Body?.transformToByteArray()) ?? new Uint8Array()
      // Some stores give the whole object where a range is not to their liking.
      return answer.ContentRange === undefined ? bytes.subarray(offset, offset + length) : bytes
    } catch (error) {
      const { code, status } = failureOf(error)
      if (status === 416) return 'beyond'
      if (status === 404 && code !== 'NoSuchBucket') return 'missing'
      throw error
    }
  }

  #head(pack: string): Promise<Found | null> {
    const input = { Bucket: this.#options.place.bucket, Key: this.#key(pack) }
    return this.#try(`look at the pack ${pack}`, async (abortSignal) => {
      try {
        const answer = await this.#client.send(new this.#s3.HeadObjectCommand(input), { abortSignal })
        return { bytes: answer.ContentLength ?? 0, digest: answer.Metadata?.[DIGEST] }
      } catch (error) {
        if (failureOf(error).status === 404) return null
        throw error
      }
    })
  }

  #expectOwn(pack: string, own: Found, found: Found | null): void {
    if (found?.bytes === own.bytes && found.digest === own.digest) return
    if (found === null) throw s3Error(`save the pack ${pack}`, this.#where(), { name: 'it was there and is gone' })
    throw new SyncError(
      'already-exists',
      `cannot save the pack ${pack} in ${this.#where()}: another object has this name. Do two installations use this bucket and prefix? Give each its own`,
    )
  }

  /** Whether the store refuses to write over what is there: asked once, by writing the same empty object twice. */
  #knowsConditions(): Promise<boolean> {
    this.#isConditional ??= this.#probe().catch((error: unknown) => {
      this.#isConditional = undefined
      throw error
    })
    return this.#isConditional
  }

  async #probe(): Promise<boolean> {
    const write = async (abortSignal: AbortSignal): Promise<boolean> => {
      try {
        return await this.#put(PROBE, new Uint8Array(), { isConditional: true })(abortSignal)
      } catch (error) {
        const { status } = failureOf(error)
        if (status === 501 || status === 400) return false
        throw error
      }
    }
    const attempt = 'see whether the store knows conditional writes'
    return (await this.#try(attempt, write)) || this.#try(attempt, write)
  }

  async #try<T>(attempt: string, work: (signal: AbortSignal) => Promise<T>, bytes = 0): Promise<T> {
    const { timers, random, tries = TRIES } = this.#options
    const boundMs = tries.boundMs + bytes / LEAST_BYTES_PER_MS
    const { signal } = this.#ending
    try {
      return await tryRepeatedly(work, { ...tries, timers, random, boundMs, mayPass, signal })
    } catch (error) {
      if (isSyncError(error)) throw error
      throw s3Error(attempt, this.#where(), error)
    }
  }

  #key(name: string): string {
    return this.#options.place.prefix + name
  }

  #where(): string {
    return describeS3Place(this.#options.place)
  }
}

interface Found {
  readonly bytes: number
  readonly digest: string | undefined
}
