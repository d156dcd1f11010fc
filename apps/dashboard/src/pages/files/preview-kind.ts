/** How a file can be looked at here. `perhaps-text` becomes text only if its bytes turn out to be. */
export type PreviewKind =
  | { readonly kind: 'perhaps-text' }
  | { readonly kind: 'image' | 'pdf' | 'audio' | 'video'; readonly type: string }
  | { readonly kind: 'too-large'; readonly mostBytes: number }
  | { readonly kind: 'none' }

const TEXT_BYTES = 1024 * 1024
/** Read whole into the page's memory. */
const WHOLE_BYTES = 64 * 1024 * 1024

/**
 * Types that a browser shows and never runs. The bytes are given to it under
 * exactly this type, whatever they are: no name and no content makes a page.
 * An SVG is one only inside `<img>`, where its scripts are dead.
 */
const IMAGES: Readonly<Record<string, string>> = {
  png: 'image/png',
  apng: 'image/apng',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  avif: 'image/avif',
  bmp: 'image/bmp',
  ico: 'image/x-icon',
  svg: 'image/svg+xml',
}
const AUDIO: Readonly<Record<string, string>> = {
  mp3: 'audio/mpeg',
  m4a: 'audio/mp4',
  aac: 'audio/aac',
  ogg: 'audio/ogg',
  oga: 'audio/ogg',
  opus: 'audio/ogg',
  wav: 'audio/wav',
  flac: 'audio/flac',
}
const VIDEO: Readonly<Record<string, string>> = {
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  webm: 'video/webm',
  ogv: 'video/ogg',
  mov: 'video/quicktime',
}
const BINARY = new Set(
  'zip gz tgz bz2 xz zst 7z rar tar iso dmg exe dll so dylib bin o a class jar wasm pyc db sqlite heic tif tiff psd doc docx xls xlsx ppt pptx odt ods odp woff woff2 ttf otf'.split(
    ' ',
  ),
)

const ARCHIVES = new Set('zip gz tgz bz2 xz zst 7z rar tar iso dmg jar'.split(' '))
const TABLES = new Set('csv tsv xls xlsx ods numbers'.split(' '))
const CODE = new Set(
  'js jsx mjs cjs ts tsx json jsonc yaml yml toml xml html css scss py rb go rs c h cc cpp hpp java kt swift php sh bash zsh fish ps1 sql lua r pl ex exs hs ml clj'.split(
    ' ',
  ),
)
const TEXTS = new Set('txt md markdown rst tex log org adoc rtf doc docx odt'.split(' '))

/** What kind of file it is, as far as its name tells. */
export type FileKind = 'image' | 'audio' | 'video' | 'pdf' | 'archive' | 'table' | 'code' | 'text' | 'other'

export function fileKind(name: string): FileKind {
  const ending = endingOf(name)
  if (Object.hasOwn(IMAGES, ending)) return 'image'
  if (Object.hasOwn(AUDIO, ending)) return 'audio'
  if (Object.hasOwn(VIDEO, ending)) return 'video'
  if (ending === 'pdf') return 'pdf'
  if (ARCHIVES.has(ending)) return 'archive'
  if (TABLES.has(ending)) return 'table'
  if (CODE.has(ending)) return 'code'
  return TEXTS.has(ending) ? 'text' : 'other'
}

export function isMarkdown(name: string): boolean {
  return ['md', 'markdown'].includes(endingOf(name))
}

function endingOf(name: string): string {
  return name.includes('.') ? name.slice(name.lastIndexOf('.') + 1).toLowerCase() : ''
}

/** Decides by name and size alone, before a byte is fetched. */
export function previewKind(name: string, size: number): PreviewKind {
  const ending = endingOf(name)
  // Sound and film are streamed: their size does not matter.
  const audio = AUDIO[ending]
  if (audio !== undefined) return { kind: 'audio', type: audio }
  const video = VIDEO[ending]
  if (video !== undefined) return { kind: 'video', type: video }
  const image = IMAGES[ending]
  if (image !== undefined) return whole({ kind: 'image', type: image }, size)
  if (ending === 'pdf') return whole({ kind: 'pdf', type: 'application/pdf' }, size)
  if (BINARY.has(ending)) return { kind: 'none' }
  return size > TEXT_BYTES ? { kind: 'too-large', mostBytes: TEXT_BYTES } : { kind: 'perhaps-text' }
}

function whole(kind: PreviewKind, size: number): PreviewKind {
  return size > WHOLE_BYTES ? { kind: 'too-large', mostBytes: WHOLE_BYTES } : kind
}

/** The text that bytes are, or null if they are none. UTF-8 and UTF-16 with a mark; else one byte a character. */
export function textOf(bytes: Uint8Array): string | null {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes)
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes)
  if (bytes.subarray(0, 65_536).includes(0)) return null
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    const isBinary = bytes.subarray(0, 65_536).some((byte) => byte < 32 && ![9, 10, 12, 13, 27].includes(byte))
    return isBinary ? null : new TextDecoder('windows-1252').decode(bytes)
  }
}
