/** The pages, in the order of the rail. The keys open them after `g`. */
export const TABS = [
  { to: '/', label: 'Overview', key: 'o', icon: 'overview' },
  { to: '/topology', label: 'Network Topology', key: 't', icon: 'topology' },
  { to: '/clocks', label: 'Vector Clocks', key: 'v', icon: 'clocks' },
  { to: '/delta', label: 'Delta Sync', key: 'd', icon: 'delta' },
  { to: '/monitor', label: 'Sync Monitor', key: 'm', icon: 'monitor' },
  { to: '/settings', label: 'Settings', key: 's', icon: 'settings' },
] as const

export type TabIcon = (typeof TABS)[number]['icon']
