import { LIMITS, SyncError } from '@causeway/protocol'
import { utf8Length } from './utf8.ts'

export interface ConflictNaming {
  /** The name both rivals had. */
  readonly name: string
  /** The node whose version steps aside, as people call it. */
  readonly nodeName: string
  /** When, in UTC: `2026-11-22T14:03:07Z`, with or without a fraction. */
  readonly at: string
  /** True for a name that is in use in the directory. */
  readonly isTaken: (name: string) => boolean
}

/**
 * The name of a conflict copy: `name (conflict, NODE, 2026-11-22 14.03.07).ext`.
 *
 * The mark stands before the extension, so that the copy opens like the
 * original; `.tar.gz` counts as one, and a dotfile's name as none. A copy of a
 * copy replaces the mark, so that names do not grow. What would be over 255
 * bytes is shortened before the mark, between characters. While a name is
 * taken a number is added: `…14.03.07, 2)`. Throws `internal` if `at` is no
 * UTC time, or 10,000 names are taken.
 */
export function conflictName({ name, nodeName, at, isTaken }: ConflictNaming): string {
  const { stem, extension } = split(name)
  const mark = `conflict, ${cleanNodeName(nodeName)}, ${readableTime(at)}`
  const original = withoutMark(stem)
  for (let attempt = 1; attempt <= MOST_ATTEMPTS; attempt++) {
    const suffix = ` (${attempt === 1 ? mark : `${mark}, ${attempt}`})${extension}`
    const candidate = shortened(original, LIMITS.nameBytes - utf8Length(suffix)) + suffix
    if (!isTaken(candidate)) return candidate
  }
  throw new SyncError('internal', `could not name a conflict copy of ${name}: ${MOST_ATTEMPTS} names are taken`)
}

const MOST_ATTEMPTS = 10_000
const NODE_NAME_BYTES = 64

/** Short, of letters and digits: `v1.2 final` has no extension, and neither has `…14.03.07)`. */
const EXTENSION = /((?<=.)\.tar)?\.[\p{L}\p{N}\p{M}_~+-]{1,16}$/isu

function split(name: string): { stem: string; extension: string } {
  const extension = EXTENSION.exec(name)?.[0] ?? ''
  const stem = name.slice(0, name.length - extension.length)
  return stem === '' ? { stem: name, extension: '' } : { stem, extension }
}

const MARK = / \(conflict, [^()]*, \d{4}-\d\d-\d\d \d\d\.\d\d\.\d\d(, \d+)?\)$/u

function withoutMark(stem: string): string {
  const bare = stem.replace(MARK, '')
  if (bare === stem || bare === '') return stem
  return withoutMark(bare)
}

/** Without what separates paths or would break the mark; never empty. */
function cleanNodeName(nodeName: string): string {
  const clean = nodeName
    .toWellFormed()
    .normalize('NFC')
    .replace(/[\p{Cc}\p{Zl}\p{Zp}/\\:*?"<>|()]+/gu, '-')
    .trim()
  return shortened(clean, NODE_NAME_BYTES) || 'node'
}

function readableTime(at: string): string {
  const parts = /^(\d{4}-\d\d-\d\d)T(\d\d):(\d\d):(\d\d)(\.\d+)?Z$/.exec(at)
  if (parts === null) throw new SyncError('internal', `could not name a conflict copy: ${at} is no UTC time`)
  return `${parts[1]} ${parts[2]}.${parts[3]}.${parts[4]}`
}

/** As many whole characters, as people see them, as fit; at least the first code points of the first. */
function shortened(text: string, mostBytes: number): string {
  if (utf8Length(text) <= mostBytes) return text
  const characters = Array.from(new Intl.Segmenter('und').segment(text), ({ segment }) => segment)
  return (fitting(characters, mostBytes) || fitting(Array.from(text), mostBytes)).trimEnd()
}

function fitting(parts: readonly string[], mostBytes: number): string {
  let kept = ''
  let bytes = 0
  for (const part of parts) {
    bytes += utf8Length(part)
    if (bytes > mostBytes) break
    kept += part
  }
  return kept
}
