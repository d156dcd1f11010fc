import { Link, Outlet } from '@tanstack/react-router'
import { useSignOut } from '../data/session.ts'
import { Alerts } from '../alerts/alerts.tsx'
import { ConnectionMark } from './connection-mark.tsx'
import { KeyList } from './key-list.tsx'
import { Palette, PaletteButton } from './palette.tsx'
import { useShortcuts } from './shortcuts.ts'
import { TabIcon } from './tab-icon.tsx'
import type { Tab } from './tabs.ts'
import { usePages } from './use-tabs.ts'
import { usePageTitle } from './use-page-title.ts'
import { Truth } from './truth.tsx'
import { LostDeviceReport } from '../pages/overview/lost-device.tsx'
import { UploadPlace } from '../upload/upload-place.tsx'
import look from './shell.module.css'

/** What stands around every page: the tabs, the one true sentence, the state of the connection. */
export function Shell() {
  useShortcuts()
  usePageTitle()
  const signOut = useSignOut()
  const { tabs, more } = usePages()
  return (
    <div className={look.shell}>
      <a className="skip" href="#main">
        Skip to the page
      </a>
      <nav className={look.rail} aria-label="Pages">
        <div className={look.mark}>
          <img src="/icon.svg" width={24} height={24} alt="" />
          Causeway
        </div>
        {tabs.map((tab) => (
          <TabLink key={tab.to} tab={tab} />
        ))}
        {/* Where nobody signs in there are no accounts to look after: those pages are under Settings. */}
        {signOut !== undefined && more.map((tab) => <TabLink key={tab.to} tab={tab} isMore />)}
        {signOut !== undefined && (
          <button type="button" className={look.signOut} onClick={signOut}>
            <TabIcon name="signOut" />
            Sign out
          </button>
        )}
      </nav>
      <div>
        <header className={look.header}>
          <Truth />
          <ConnectionMark />
          <PaletteButton />
        </header>
        <main id="main" className={look.main} tabIndex={-1}>
          <Outlet />
        </main>
      </div>
      <UploadPlace />
      <Alerts />
      <Palette />
      <KeyList />
      <LostDeviceReport />
    </div>
  )
}

function TabLink({ tab: { to, label, icon }, isMore = false }: { readonly tab: Tab; readonly isMore?: boolean }) {
  return (
    <Link to={to} className={isMore ? look.more : look.tab} activeOptions={{ exact: to === '/', includeSearch: false }}>
      <TabIcon name={icon} />
      {label}
    </Link>
  )
}
