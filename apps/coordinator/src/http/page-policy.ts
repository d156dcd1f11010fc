import { newSecret } from '../access/secrets.ts'

/** Where a document of the page has this, its nonce is put when it is sent. */
const NONCE_PLACE = 'STYLE_NONCE'

/** What is in the page comes from files of this origin: no script or style that is written into it, and none of others. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; worker-src 'self'; " +
  "img-src 'self' data: blob:; media-src 'self' blob:; frame-src 'self' blob:; font-src 'self'; manifest-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

/** The policy that a file is sent with, and the file. */
export interface Guarded {
  readonly policy: string
  readonly bytes: Buffer
}

/**
 * A document may have style elements that its own script makes: they show that by a nonce, which nobody can know who
 * puts something into the page from outside, as each answer has another. Attributes with styles are let in by nothing.
 */
export function withNonce(document: Buffer): Guarded {
  const nonce = newSecret()
  return {
    policy: POLICY.replace("style-src 'self'", `style-src 'self' 'nonce-${nonce}'`),
    bytes: Buffer.from(document.toString().replaceAll(NONCE_PLACE, nonce)),
  }
}

/** For what is no document: scripts, styles, images. */
export const FILE_POLICY = POLICY
