import type { TabIcon as Name } from './tabs.ts'

const PATHS: Readonly<Record<Name | 'signOut', string>> = {
  overview: 'M3 4h14v4H3zM3 11h6v5H3zM12 11h5v5h-5z',
  topology:
    'M10 3a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM4 13a2 2 0 1 1 0 4 2 2 0 0 1 0-4Zm12 0a2 2 0 1 1 0 4 2 2 0 0 1 0-4ZM9 7l-4 6m6-6 4 6m-9 2h8',
  clocks: 'M3 5h14M3 10h14M3 15h14M6 5l4 5m0 0 4 5',
  delta: 'M10 3.5 3 16.5h14z',
  monitor: 'M2 11h4l2-6 4 10 2-4h4',
  people:
    'M7 4a3 3 0 1 1 0 6 3 3 0 0 1 0-6ZM1.5 17c0-3 2.5-5 5.5-5s5.5 2 5.5 5M13 4.5a2.8 2.8 0 0 1 0 5M15 12.5c2 .7 3.5 2.3 3.5 4.5',
  audit: 'M5 2.5h10v15H5zM8 6.5h4M8 10h4M8 13.5h4',
  account: 'M10 3a3.5 3.5 0 1 1 0 7 3.5 3.5 0 0 1 0-7ZM3.5 17.5c0-3.2 2.9-5.5 6.5-5.5s6.5 2.3 6.5 5.5',
  signOut: 'M12 3h5v14h-5M9 6l-5 4 5 4M4 10h9',
  settings:
    'M10 7.5a2.5 2.5 0 1 0 0 5 2.5 2.5 0 0 0 0-5ZM10 2v3M10 15v3M2 10h3M15 10h3M4.3 4.3l2.1 2.1M13.6 13.6l2.1 2.1M4.3 15.7l2.1-2.1M13.6 6.4l2.1-2.1',
}

export function TabIcon({ name }: { readonly name: Name | 'signOut' }) {
  return (
    <svg
      width="20"
      height="20"
      viewBox="0 0 20 20"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      aria-hidden="true"
    >
      <path d={PATHS[name]} strokeLinecap="round" strokeLinejoin="round" />
    </svg>
  )
}
