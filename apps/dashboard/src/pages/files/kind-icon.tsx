import type { EntryKind } from '@causeway/protocol'
import { fileKind, type FileKind } from './preview-kind.ts'

type Kind = Exclude<EntryKind, 'file'> | FileKind

const SHEET = 'M5 2.5h6.5L15.5 6.5V16.5a1 1 0 0 1-1 1h-9.5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM11.5 2.5v4h4'
const FRAME = 'M3.5 4h13a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1h-13a1 1 0 0 1-1-1V5a1 1 0 0 1 1-1Z'
const SHAPES: Readonly<Record<Kind, string>> = {
  directory: 'M2.5 5.5v9a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V7a1 1 0 0 0-1-1H10L8.5 4.5h-5a1 1 0 0 0-1 1Z',
  symlink:
    'M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2L10 5.8M11.5 8.5a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2L10 14.2',
  other: SHEET,
  text: `${SHEET}M6.5 9.5h6M6.5 12h6M6.5 14.5h4`,
  code: `${SHEET}M8 10l-2 2.2 2 2.2M11.5 10l2 2.2-2 2.2`,
  table: `${SHEET}M6.5 9.5h6.5v5.5H6.5ZM6.5 12.2H13M9.7 9.5V15`,
  pdf: `${SHEET}M7 15V10h1.8a1.5 1.5 0 0 1 0 3H7`,
  image: `${FRAME}M3 14l4-4 3 3 2.5-2.5 4.5 4M13 8.5a1 1 0 1 0 .01 0`,
  video: `${FRAME}M8.3 7.5v5l4.2-2.5Z`,
  audio: 'M8 14.5V4.5l7-1.5v10M8 14.5a2 2 0 1 1-2-2 2 2 0 0 1 2 2ZM15 13a2 2 0 1 1-2-2 2 2 0 0 1 2 2Z',
  archive: `${FRAME}M10 4v2M10 7.5v1.5M10 10.5v1M8.5 12.5h3v2h-3Z`,
}
const NAMES: Readonly<Record<Kind, string>> = {
  directory: 'Directory',
  symlink: 'Symbolic link',
  other: 'File',
  text: 'Text',
  code: 'Code',
  table: 'Table',
  pdf: 'PDF',
  image: 'Picture',
  video: 'Film',
  audio: 'Sound',
  archive: 'Archive',
}

/** What an entry is, as a small picture: of a file, as far as its name tells. */
export function KindIcon({ kind, name = '' }: { readonly kind: EntryKind; readonly name?: string }) {
  const shown = kind === 'file' ? fileKind(name) : kind
  return (
    <svg
      width="18"
      height="18"
      viewBox="0 0 20 20"
      fill={kind === 'directory' ? 'color-mix(in srgb, var(--mantine-primary-color-filled) 18%, transparent)' : 'none'}
      stroke={kind === 'directory' ? 'var(--mantine-primary-color-filled)' : 'var(--mantine-color-dimmed)'}
      strokeWidth="1.3"
      strokeLinejoin="round"
      strokeLinecap="round"
      role="img"
      aria-label={NAMES[shown]}
      style={{ flex: 'none' }}
    >
      <path d={SHAPES[shown]} />
    </svg>
  )
}
