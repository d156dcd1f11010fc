import { closeSync, constants, fchmodSync, fstatSync, openSync } from 'node:fs'

/**
 * Makes sure that a file is there and that nobody but its owner can open it, whatever the umask and whoever made it. For
 * files that something else opens by name afterwards. Throws what the system throws.
 */
export function ensurePrivateFile(path: string): void {
  const file = openSync(path, constants.O_RDWR | constants.O_CREAT, 0o600)
  try {
    const { mode } = fstatSync(file)
    if ((mode & 0o077) !== 0) fchmodSync(file, mode & 0o700)
  } finally {
    closeSync(file)
  }
}
