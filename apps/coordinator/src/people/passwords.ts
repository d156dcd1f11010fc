import { argon2, timingSafeEqual, type Argon2Parameters } from 'node:crypto'
import { SyncError } from '@causeway/protocol'
import { systemRandom, type Random } from '@causeway/time'

/** Passwords are kept by a hash that takes memory and time, with the parameters it was made with beside it. */
export interface Passwords {
  hash(password: string): Promise<string>
  /**
   * Whether this is the password. Without a hash the answer is no, and takes
   * as long: who has an account can't be told by the time.
   */
  verify(password: string, hash: string | null): Promise<boolean>
  /** Whether a hash was made with less than what is used now. */
  isOutdated(hash: string): boolean
}

/** As OWASP advises for argon2id; about 50 ms. */
const NOW = { memory: 19_456, passes: 2, parallelism: 1 }
const TAG_BYTES = 32
const SALT_BYTES = 16
/** Each takes 19 MiB and a thread of those that read files. */
const MOST_AT_ONCE = 2
const MOST_WAITING = 64

export interface PasswordOptions {
  readonly random?: Pick<Random, 'hex'>
  /** What new hashes are made with. */
  readonly cost?: typeof NOW
}

export function createPasswords({ random = systemRandom, cost = NOW }: PasswordOptions = {}): Passwords {
  let running = 0
  const waiting: (() => void)[] = []

  async function inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (waiting.length >= MOST_WAITING)
      throw new SyncError('too-many-requests', 'too many people are signing in at once: try again in a moment')
    if (running >= MOST_AT_ONCE) await new Promise<void>((resolve) => waiting.push(resolve))
    running++
    try {
      return await work()
    } finally {
      running--
      waiting.shift()?.()
    }
  }

  const nobodys = { ...cost, salt: Buffer.alloc(SALT_BYTES), tag: Buffer.alloc(TAG_BYTES) }

  return {
    hash(password) {
      const salt = Buffer.from(random.hex(SALT_BYTES), 'hex')
      return inTurn(async () => format({ ...cost, salt, tag: await tagOf(password, { ...cost, salt }) }))
    },
    verify(password, hash) {
      const kept = hash === null ? nobodys : parse(hash)
      return inTurn(async () => {
        const tag = await tagOf(password, kept)
        return timingSafeEqual(tag, kept.tag) && hash !== null
      })
    },
    isOutdated(hash) {
      const { memory, passes, parallelism } = parse(hash)
      return memory !== cost.memory || passes !== cost.passes || parallelism !== cost.parallelism
    },
  }
}

interface Salted {
  readonly memory: number
  readonly passes: number
  readonly parallelism: number
  readonly salt: Buffer
}

interface Kept extends Salted {
  readonly tag: Buffer
}

function tagOf(password: string, { memory, passes, parallelism, salt }: Salted): Promise<Buffer> {
  // One password, however a keyboard composes its letters.
  const message = Buffer.from(password.normalize('NFKC'))
  const parameters: Argon2Parameters = { message, nonce: salt, memory, passes, parallelism, tagLength: TAG_BYTES }
  return new Promise((resolve, reject) => {
    argon2('argon2id', parameters, (error, tag) => (error === null ? resolve(tag) : reject(error)))
  })
}

/** The form that others use too (PHC). */
function format({ memory, passes, parallelism, salt, tag }: Kept): string {
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${plain(salt)}$${plain(tag)}`
}

const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{22})\$([A-Za-z0-9+/]{43})$/

function parse(hash: string): Kept {
  const match = FORM.exec(hash)
  if (match === null)
    throw new SyncError('internal', 'a stored password hash has a form that this version does not know')
  const [, memory, passes, parallelism, salt = '', tag = ''] = match
  return {
    memory: Number(memory),
    passes: Number(passes),
    parallelism: Number(parallelism),
    salt: Buffer.from(salt, 'base64'),
    tag: Buffer.from(tag, 'base64'),
  }
}

function plain(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '')
}
