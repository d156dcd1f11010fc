import type { EntryKind } from '@causeway/protocol'
import ignore, { type Ignore } from 'ignore'
import { RESERVED_NAME } from './names.ts'

/** The file in a folder's root that lists what stays out of it, in the syntax of `.gitignore`. */
export const IGNORE_FILE = '.causewayignore'

/** A line that could not be used. */
export interface IgnoreProblem {
  /** Counted from 1. */
  readonly line: number
  readonly pattern: string
  readonly message: string
}

/** What a folder leaves out. Case counts. */
export interface IgnoreRules {
  /**
   * Says whether an entry stays out of the folder, by itself or with a
   * directory above it. Takes any path from the folder's root, `/`-separated;
   * the root itself and `.causewayignore` in it never do.
   */
  isIgnored(path: string, kind: EntryKind): boolean
  /** Lines that are left out of account because they could never match, or would take too long. */
  readonly problems: readonly IgnoreProblem[]
}

/**
 * Reads the rules of a folder: the defaults, then the lines of its
 * `.causewayignore` (`null` where it has none). Later lines win, so
 * `!Thumbs.db` takes a default back. Never throws.
 */
export function createIgnoreRules(text: string | null): IgnoreRules {
  const { patterns, problems } = readLines(text ?? '')
  const matches = boundedMatcher([...DEFAULT_IGNORES, ...patterns])
  // Most folders have no lines of their own that leave anything out, and most names are nothing like those of the defaults.
  const hasOwn = patterns.some((pattern) => pattern.trim() !== '' && !/^[#!]/.test(pattern))
  return {
    problems,
    isIgnored(path, kind) {
      if (path === '' || path === IGNORE_FILE) return false
      if (path.includes(RESERVED_NAME) && path.split('/').includes(RESERVED_NAME)) return true
      if (!hasOwn && !LIKE_A_DEFAULT.test(path)) return false
      return matches(kind === 'directory' ? `${path}/` : path)
    },
  }
}

/**
 * What is left out without being asked: files that an operating system or an
 * editor puts beside people's own, that mean nothing on another machine.
 * Backups (`*~`, `*.bak`) and downloads are not among them: somebody may want
 * those.
 */
export const DEFAULT_IGNORES: readonly string[] = [
  // macOS: view settings, folder icons, and what it keeps in the root of a volume.
  '.DS_Store',
  '._.DS_Store',
  'Icon[\r]',
  '.apdisk',
  '.fseventsd/',
  '.Spotlight-V100/',
  '.TemporaryItems/',
  '.Trashes/',
  // Windows: thumbnails, view settings, and what it keeps in the root of a drive.
  'Thumbs.db',
  'ehthumbs.db',
  'desktop.ini',
  'Desktop.ini',
  '$RECYCLE.BIN/',
  'System Volume Information/',
  // Linux: the trash of a mounted disk, and files that were deleted while they were open.
  '.Trash-[0-9]*/',
  '.fuse_hidden*',
  '.nfs[0-9a-f][0-9a-f][0-9a-f][0-9a-f]*',
  // Office suites: who has a document open, and Word's and LibreOffice's working copies.
  '~$*',
  '.~lock.*#',
  '~WR[A-Z][0-9][0-9][0-9][0-9].tmp',
  // Editors: swap files of vim and kate, locks and autosaves of Emacs, half-written saves of GNOME and JetBrains.
  '.*.sw[nop]',
  '.*.kate-swp',
  '.#*',
  '\\#*#',
  '.goutputstream-*',
  '*___jb_tmp___',
  '*___jb_old___',
]

/** Finds every path that a default could match in any of its parts, and few others. */
const LIKE_A_DEFAULT = /(?:^|\/)(?:[.~#$]|Icon|Thumbs|ehthumbs|[dD]esktop|System Volume)|___jb_/

const MOST_LINES = 10_000
const MOST_PATTERN_LENGTH = 4096
/** Each `**` before a name multiplies the time to match by a path's depth: with three, one deep path took seconds. */
const MOST_DOUBLE_STARS = 2

function readLines(text: string): { patterns: string[]; problems: IgnoreProblem[] } {
  const patterns: string[] = []
  const problems: IgnoreProblem[] = []
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  for (const [index, pattern] of lines.slice(0, MOST_LINES).entries()) {
    const message = patternProblem(pattern)
    if (message === null) patterns.push(pattern)
    else problems.push({ line: index + 1, pattern: pattern.slice(0, 200), message })
  }
  if (lines.length > MOST_LINES) {
    problems.push({ line: MOST_LINES + 1, pattern: '', message: `only the first ${MOST_LINES} lines are used` })
  }
  return { patterns, problems }
}

/** Why a line can't be used as a pattern, or null. The library takes such lines for ones that match nothing. */
function patternProblem(line: string): string | null {
  if (line.startsWith('#')) return null
  const pattern = line.replace(/^!/, '').replace(/(?<!\\) +$/, '')
  if (pattern === '') return line.startsWith('!') ? 'nothing follows the exclamation mark' : null
  if (pattern.length > MOST_PATTERN_LENGTH) return `the pattern is over ${MOST_PATTERN_LENGTH} characters long`
  if (/^\/+$/.test(pattern)) return 'a slash alone names nothing'
  if (/(?<!\\)(\\\\)*\\$/.test(pattern)) return 'nothing follows the last backslash'
  if (hasOpenBracket(pattern)) return 'a [ has no ] that belongs to it'
  const doubleStars = pattern
    .split('/')
    .slice(0, -1)
    .filter((part) => /^\*{2,}$/.test(part)).length
  if (doubleStars > MOST_DOUBLE_STARS) return `more than ${MOST_DOUBLE_STARS} ** before a name take too long to match`
  return probe(pattern)
}

function probe(pattern: string): string | null {
  try {
    ignore(OPTIONS).add([pattern]).ignores('probe/probe')
    return null
  } catch (error) {
    return `the pattern can't be read: ${error instanceof Error ? error.message : String(error)}`
  }
}

function hasOpenBracket(pattern: string): boolean {
  for (let at = 0; at < pattern.length; at++) {
    if (pattern[at] === '\\') at++
    else if (pattern[at] === '[') {
      at = bracketEnd(pattern, at)
      if (at === -1) return true
    }
  }
  return false
}

/** Where the bracket that opens at `start` closes, or -1. A `]` that stands first is a member, as is one after a backslash. */
function bracketEnd(pattern: string, start: number): number {
  const first = /[!^]/.test(pattern.charAt(start + 1)) ? start + 2 : start + 1
  for (let at = first; at < pattern.length; at++) {
    const named = NAMED_CLASS.exec(pattern.slice(at, at + LONGEST_CLASS))
    if (named !== null) at += named[0].length - 1
    else if (pattern[at] === '\\') at++
    else if (pattern[at] === ']' && at > first) return at
  }
  return -1
}

const NAMED_CLASS = /^\[:[a-z]+:\]/
const LONGEST_CLASS = '[:xdigit:]'.length

const OPTIONS = { ignorecase: false, allowRelativePaths: true } as const

/** The library remembers every path it was ever asked about; a fresh instance now and then bounds that. */
const PATHS_PER_INSTANCE = 20_000

function boundedMatcher(patterns: readonly string[]): (path: string) => boolean {
  const compiled: Ignore = ignore(OPTIONS).add(patterns)
  let instance = compiled
  let asked = 0
  return (path) => {
    if (++asked % PATHS_PER_INSTANCE === 0) instance = ignore(OPTIONS).add(compiled)
    return instance.ignores(path)
  }
}
