/** Every code that crosses the wire or reaches a person, with its HTTP status and one line. */
export const ERROR_CODES = {
  'bad-request': [400, 'The request does not have the form that this route expects.'],
  'not-signed-in': [401, 'Sign in first.'],
  'not-allowed': [403, 'You are signed in, but not allowed to do this.'],
  'node-removed': [403, 'This node was removed; it can join again with a new join link.'],
  'foreign-host': [403, 'The Host or Origin header names another site.'],
  'not-found': [404, 'There is nothing with this name.'],
  'already-exists': [409, 'The name is taken.'],
  outdated: [409, 'It was changed by someone else in the meantime.'],
  'chunk-missing': [409, 'A content refers to chunks that the coordinator does not have.'],
  'chunk-corrupt': [422, 'The bytes do not match the hash that names them.'],
  'manifest-invalid': [422, 'A chunk list does not match the content that it claims to describe.'],
  'too-large': [413, 'The request exceeds a limit.'],
  'too-many-requests': [429, 'Too many requests; try again shortly.'],
  'invite-invalid': [403, 'The link is invalid, already used, or expired.'],
  'protocol-mismatch': [426, 'Node and coordinator speak different versions of the link.'],
  paused: [409, 'A person has paused the folder on this node.'],
  halted: [409, 'A mass deletion is held back and waits for a person.'],
  'root-missing': [500, "The folder's root or its marker is missing."],
  'root-foreign': [500, "The folder's root has another folder's marker."],
  'state-missing': [500, "The node's state directory is missing."],
  'changed-while-reading': [409, 'A file changed while it was read.'],
  'disk-full': [507, 'There is no space left on the disk.'],
  'over-quota': [507, 'The folder would hold more than it may, or the node would send more than it may a day.'],
  'io-error': [500, 'A disk operation failed.'],
  offline: [503, 'The coordinator cannot be reached.'],
  draining: [503, 'This coordinator is stopping; another one, or its successor, answers shortly.'],
  'state-locked': [409, 'Another process uses this state directory.'],
  'store-mismatch': [500, 'Database and packs do not belong together.'],
  'newer-format': [500, 'The data was written by a newer version.'],
  internal: [500, 'Internal error.'],
} as const satisfies Record<string, readonly [number, string]>

export type ErrorCode = keyof typeof ERROR_CODES

/** A broken expectation. The message says what was tried, on what, and why it failed. */
export class SyncError extends Error {
  readonly code: ErrorCode

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'SyncError'
    this.code = code
  }
}

/** Says whether something thrown is a `SyncError`, of one code if that is given. */
export function isSyncError(error: unknown, code?: ErrorCode): error is SyncError {
  return error instanceof SyncError && (code === undefined || error.code === code)
}
