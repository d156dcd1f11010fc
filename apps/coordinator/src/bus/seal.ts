import { createCipheriv, createDecipheriv, createHash, hkdfSync } from 'node:crypto'

/** What one process says to those who hold the same secret, on a line that others may use as well. */
export interface Seal {
  /** Names those who hold the secret, and does not give it away. */
  readonly group: string
  /** Nobody else can read it, or say it again to who has heard it. */
  close(text: string): Uint8Array
  /** What a process said; undefined where nobody of the group did, or what was heard from it is newer. */
  open(speaker: string, bytes: Uint8Array): string | undefined
}

const CIPHER = 'aes-256-gcm'
const NUMBER_BYTES = 8
const NONCE_BYTES = 12
const TAG_BYTES = 16
/** Each start of a coordinator is a speaker of its own. */
const MOST_SPEAKERS = 1_000

/** `speaker` names this process and has never been used before: what it says is numbered, from 1. */
export function createSeal(secret: string, speaker: string): Seal {
  const own = keyOf(secret, speaker)
  const known = new Map<string, { readonly key: Uint8Array; readonly number: bigint }>()
  let said = 0n
  return {
    group: createHash('sha256').update(keyOf(secret, '')).digest('hex').slice(0, 32),
    close(text) {
      said += 1n
      const number = Buffer.alloc(NUMBER_BYTES)
      number.writeBigUInt64BE(said)
      const cipher = createCipheriv(CIPHER, own, nonceOf(number))
      const sealed = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()])
      return Buffer.concat([number, cipher.getAuthTag(), sealed])
    },
    open(from, bytes) {
      if (bytes.length < NUMBER_BYTES + TAG_BYTES) return undefined
      const number = Buffer.from(bytes.subarray(0, NUMBER_BYTES))
      const heard = known.get(from)
      if (heard !== undefined && number.readBigUInt64BE() <= heard.number) return undefined
      const key = heard?.key ?? keyOf(secret, from)
      const text = opened(key, number, bytes.subarray(NUMBER_BYTES))
      if (text === undefined) return undefined
      // Who spoke last is forgotten last.
      known.delete(from)
      known.set(from, { key, number: number.readBigUInt64BE() })
      const [oldest] = known.keys()
      if (known.size > MOST_SPEAKERS && oldest !== undefined) known.delete(oldest)
      return text
    },
  }
}

function opened(key: Uint8Array, number: Uint8Array, bytes: Uint8Array): string | undefined {
  const decipher = createDecipheriv(CIPHER, key, nonceOf(number)).setAuthTag(bytes.subarray(0, TAG_BYTES))
  const text = decipher.update(bytes.subarray(TAG_BYTES))
  try {
    return Buffer.concat([text, decipher.final()]).toString('utf8')
  } catch {
    return undefined
  }
}

/** A key for each speaker: so no number is used twice with one key. */
function keyOf(secret: string, speaker: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, speaker, 'causeway words between coordinators', 32))
}

function nonceOf(number: Uint8Array): Uint8Array {
  return Buffer.concat([Buffer.alloc(NONCE_BYTES - NUMBER_BYTES), number])
}
