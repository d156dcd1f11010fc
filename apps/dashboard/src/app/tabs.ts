/** The pages, in the order of the rail. The keys open them after `g`. */
export const TABS = [
  { to: '/', label: 'Overview', key: 'o', icon: 'overview' },
  { to: '/topology', label: 'Network Topology', key: 't', icon: 'topology' },
  { to: '/clocks', label: 'Vector Clocks', key: 'v', icon: 'clocks' },
  { to: '/delta', label: 'Delta Sync', key: 'd', icon: 'delta' },
  { to: '/monitor', label: 'Sync Monitor', key: 'm', icon: 'monitor' },
  { to: '/settings', label: 'Settings', key: 's', icon: 'settings' },
] as const

/** Pages that not everybody has, beside or below those above. */
export const MORE_PAGES = [
  { to: '/people', label: 'People', key: 'p', icon: 'people' },
  { to: '/audit', label: 'Audit log', key: 'l', icon: 'audit' },
  { to: '/account', label: 'My account', key: 'a', icon: 'account' },
] as const

export type Tab = (typeof TABS)[number] | (typeof MORE_PAGES)[number]
export type TabIcon = Tab['icon']
