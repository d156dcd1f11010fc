import type { EntryKind } from '@causeway/protocol'

const PATHS: Readonly<Record<EntryKind, string>> = {
  directory: 'M2.5 5.5v9a1 1 0 0 0 1 1h13a1 1 0 0 0 1-1V7a1 1 0 0 0-1-1H10L8.5 4.5h-5a1 1 0 0 0-1 1Z',
  file: 'M5 2.5h6.5L15.5 6.5V16.5a1 1 0 0 1-1 1h-9.5a1 1 0 0 1-1-1v-13a1 1 0 0 1 1-1ZM11.5 2.5v4h4',
  symlink:
    'M8.5 11.5a3 3 0 0 0 4.2 0l2.6-2.6a3 3 0 0 0-4.2-4.2L10 5.8M11.5 8.5a3 3 0 0 0-4.2 0l-2.6 2.6a3 3 0 0 0 4.2 4.2L10 14.2',
}
const NAMES: Readonly<Record<EntryKind, string>> = { directory: 'Directory', file: 'File', symlink: 'Symbolic link' }

export function KindIcon({ kind }: { readonly kind: EntryKind }) {
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
      aria-label={NAMES[kind]}
      style={{ flex: 'none' }}
    >
      <path d={PATHS[kind]} />
    </svg>
  )
}
