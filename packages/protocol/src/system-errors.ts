import { isSyncError, SyncError } from './error-codes.ts'

/** The system's own name of what it refused, such as `ENOENT`; `undefined` where there is none. */
export function errnoOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined
  return typeof error.code === 'string' ? error.code : undefined
}

/**
 * Why the system refused, in words that stand alone: `permission denied`. The
 * system's name and call, and the path, are left out: who reports it knows
 * what was tried, on what.
 */
export function systemReason(cause: unknown): string {
  const known = REASONS[errnoOf(cause) ?? '']
  if (known !== undefined) return known
  const message = cause instanceof Error ? cause.message || cause.name : String(cause)
  // As Node writes them: "EMLINK: too many links, link '/a' -> '/b'".
  return /^E[A-Z0-9]{2,}: ([^,]+)/.exec(message)?.[1] ?? message
}

/**
 * What the system refused, as `disk-full` or `io-error`. `attempt` says what
 * was tried, on what: `cannot place a/b`. A `SyncError` passes as it is.
 */
export function systemError(attempt: string, cause: unknown): SyncError {
  if (isSyncError(cause)) return cause
  const errno = errnoOf(cause)
  const code = errno !== undefined && FULL.has(errno) ? 'disk-full' : 'io-error'
  return new SyncError(code, `${attempt}: ${systemReason(cause)}`, { cause })
}

/**
 * Something thrown as an error that people can read, where nobody nearer has
 * said what was tried: Node notes its call and its path in a system's error.
 * Returns `undefined` for what the system did not throw: that is a fault of the program.
 */
export function asSyncError(error: unknown): SyncError | undefined {
  if (isSyncError(error)) return error
  if (!(error instanceof Error) || !('syscall' in error) || typeof error.syscall !== 'string') return undefined
  const [call = ''] = error.syscall.split(' ')
  const on = ['path', 'address', 'hostname']
    .map((key) => Reflect.get(error, key))
    .find((value) => typeof value === 'string')
  const port: unknown = Reflect.get(error, 'port')
  const what = on === undefined ? '' : ` ${on}${typeof port === 'number' ? `:${port}` : ''}`
  return systemError(`cannot ${CALLS[call] ?? 'use'}${what}`, error)
}

const CALLS: Readonly<Record<string, string>> = {
  chmod: 'change the rights of',
  connect: 'connect to',
  copyfile: 'copy',
  fsync: 'write',
  getaddrinfo: 'look up',
  link: 'make',
  listen: 'listen on',
  lstat: 'look at',
  mkdir: 'create the directory',
  open: 'open',
  read: 'read',
  readlink: 'read',
  realpath: 'look at',
  rename: 'rename',
  rmdir: 'remove',
  scandir: 'read the directory',
  stat: 'look at',
  unlink: 'remove',
  write: 'write',
}

/** What a person can do about what the disk refused; `undefined` where the reason says it all. */
export function systemAdvice(error: unknown): string | undefined {
  if (!isSyncError(error, 'io-error') && !isSyncError(error, 'disk-full')) return undefined
  const { cause } = error
  if (isSyncError(cause)) return systemAdvice(cause)
  const isOfNetwork = cause instanceof Error && ('address' in cause || 'hostname' in cause)
  return isOfNetwork ? undefined : ADVICE[errnoOf(cause) ?? '']
}

const FULL = new Set(['ENOSPC', 'EDQUOT'])

const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EADDRINUSE: 'another program has this port',
  EADDRNOTAVAIL: 'this machine has no such address',
  EAGAIN: 'no resources are available at the moment',
  EAI_AGAIN: 'the name could not be looked up',
  EBUSY: 'it is in use',
  EDQUOT: 'the disk quota of this user is used up',
  EEXIST: 'something else is there already',
  EIO: 'the disk reports an input/output error',
  EISDIR: 'it is a directory',
  ELOOP: 'the path contains a loop of symbolic links',
  EMFILE: 'too many files are open',
  ENAMETOOLONG: 'the name is too long for this file system',
  ENFILE: 'too many files are open in the system',
  ENODEV: 'there is no such device',
  ENOENT: 'there is no such file or directory',
  ENOMEM: 'there is not enough memory',
  ENOSPC: 'no space is left on the disk',
  ENOTDIR: 'a part of the path is a file, not a directory',
  ENOTEMPTY: 'the directory is not empty',
  ENOTFOUND: 'no machine of this name can be found',
  ENOTSUP: 'the file system cannot do this',
  EPERM: 'the operation is not permitted',
  EROFS: 'the file system is read-only',
  ESTALE: 'the network file system does not know it any more',
  ETXTBSY: 'it is a program that runs',
  EXDEV: 'it is on a different file system from the root',
}

const ADVICE: Readonly<Record<string, string>> = {
  EACCES: 'Give this user permission, or choose another path.',
  EDQUOT: 'Free some space, or choose a path on another disk.',
  EEXIST: 'Choose another path, or move what is there.',
  EMFILE: 'Raise the limit (ulimit -n), or close programs that have many files open.',
  ENFILE: 'Close programs that have many files open.',
  ENOENT: 'Choose a path that exists.',
  ENOSPC: 'Free some space, or choose a path on another disk.',
  ENOTDIR: 'Name a directory.',
  EPERM: 'Choose another path: this one belongs to someone else, or is protected.',
  EROFS: 'Choose a path that can be written to.',
}
