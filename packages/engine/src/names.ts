import { LIMITS } from '@causeway/protocol'
import { utf8Length } from './utf8.ts'

/** The directory in a folder's root that carries its marker and its staging area. */
export const RESERVED_NAME = '.causeway'

/** Why a name can't be synced on any platform. `message` ends a sentence that begins with the name. */
export interface NameProblem {
  readonly reason: 'empty' | 'dots' | 'separator' | 'nul' | 'too-long' | 'not-unicode' | 'reserved'
  readonly message: string
}

/** Why a path can't be synced: its own bounds, or the first name in it that has a problem. */
export type PathProblem = NameProblem | { readonly reason: 'too-deep' | 'path-too-long'; readonly message: string }

/**
 * Says what is wrong with the name of an entry, if anything is.
 *
 * Everything that Linux can hold as a name is allowed, newlines and
 * backslashes too, but for names that are no Unicode text (they could not
 * cross the wire unchanged) and all forms of `.causeway` (on a
 * case-insensitive disk they would name the marker directory).
 */
export function checkName(name: string): NameProblem | null {
  if (name === '') return { reason: 'empty', message: 'is empty' }
  if (name === '.' || name === '..') return { reason: 'dots', message: 'names a directory relative to another' }
  if (name.includes('/')) return { reason: 'separator', message: 'contains a slash' }
  if (name.includes('\0')) return { reason: 'nul', message: 'contains a NUL character' }
  if (!name.isWellFormed()) return { reason: 'not-unicode', message: 'is not Unicode text' }
  const bytes = utf8Length(name)
  if (bytes > LIMITS.nameBytes) {
    return { reason: 'too-long', message: `has ${bytes} bytes, and a name may have ${LIMITS.nameBytes}` }
  }
  if (isReserved(name)) return { reason: 'reserved', message: `is kept for ${RESERVED_NAME}, Causeway's own directory` }
  return null
}

/** Says what is wrong with a path from a folder's root: `/`-separated, no slash at either end, never the root itself. */
export function checkPath(path: string): PathProblem | null {
  const bytes = utf8Length(path)
  if (bytes > LIMITS.pathBytes) {
    return { reason: 'path-too-long', message: `has ${bytes} bytes, and a path may have ${LIMITS.pathBytes}` }
  }
  const names = path.split('/')
  if (names.length > LIMITS.depth) {
    return { reason: 'too-deep', message: `is ${names.length} names deep, and a path may be ${LIMITS.depth} deep` }
  }
  return names.map(checkName).find((problem) => problem !== null) ?? null
}

/** Why Windows can't hold a name that Linux can. `message` ends a sentence that begins with the name. */
export interface PortabilityProblem {
  readonly reason: 'reserved-device' | 'trailing-dot-or-space' | 'stream' | 'backslash' | 'forbidden-character'
  readonly message: string
}

/**
 * Says why Windows, or a disk it formatted, would refuse a name, or store it
 * under another. Such names are synced; a node that can't hold one shows it
 * as a problem and never writes something near it instead.
 */
export function portabilityProblem(name: string): PortabilityProblem | null {
  if (DEVICE.test(name)) return { reason: 'reserved-device', message: 'names a device on Windows' }
  if (/[. ]$/.test(name))
    return { reason: 'trailing-dot-or-space', message: 'ends in a dot or space, which Windows drops' }
  if (name.includes(':'))
    return { reason: 'stream', message: 'contains a colon, which names a stream of another file on Windows' }
  if (name.includes('\\'))
    return { reason: 'backslash', message: 'contains a backslash, which separates directories on Windows' }
  const forbidden = FORBIDDEN.exec(name)?.[0]
  if (forbidden === undefined) return null
  return {
    reason: 'forbidden-character',
    message: `contains ${JSON.stringify(forbidden)}, which Windows refuses in names`,
  }
}

/**
 * Two names of one directory with the same key may be one name on a disk that
 * ignores case or Unicode form. Meant to be at least as coarse as any such
 * disk: a few names share a key that would fit side by side (`ß` and `ss`).
 */
export function collisionKey(name: string): string {
  return name.normalize('NFD').replace(/./gsu, foldCharacter).normalize('NFC')
}

// A device keeps its meaning with any extension, and with spaces before it: `con`, `NUL.txt`, `com1 .log`.
const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³]) *(\.|$)/i

// oxlint-disable-next-line no-control-regex -- Windows refuses control characters
const FORBIDDEN = /[\u0001-\u001f<>"|?*]/

/** Lower, upper, lower: full case folding from the two mappings there are (`ẞ` → `ß` → `SS` → `ss`). */
function foldCharacter(character: string): string {
  // The dotless i is a letter of its own, although its capital is the I.
  return character === 'ı' ? character : character.toLowerCase().toUpperCase().toLowerCase()
}

/** Also true for names that some disk takes for `.causeway`: other case, invisible characters, dots or spaces behind. */
function isReserved(name: string): boolean {
  const visible = name.replace(/\p{Default_Ignorable_Code_Point}/gu, '').replace(/[. ]+$/, '')
  return collisionKey(visible) === RESERVED_NAME
}
