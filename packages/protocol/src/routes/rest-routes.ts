import { COORDINATOR_ROUTES } from './coordinator-routes.ts'
import { ENTRY_ROUTES } from './entry-routes.ts'
import { CONFLICT_ROUTES, FOLDER_ROUTES, REMOVED_FOLDER_ROUTES } from './folder-routes.ts'
import { HISTORY_ROUTES } from './history-routes.ts'
import { KEY_ROUTES } from './key-routes.ts'
import { ACCOUNT_ROUTES, AUDIT_ROUTES, PEOPLE_ROUTES } from './people-routes.ts'
import { NODE_ROUTES } from './node-routes.ts'
import { ORIGINAL_ROUTES } from './original-routes.ts'
import { SAVINGS_ROUTES } from './savings-routes.ts'
import { SIGN_IN_ROUTES } from './sign-in-routes.ts'
import { UPLOAD_ROUTES } from './upload-routes.ts'

/** What people and their tools call. Apart from the node link, whose messages a page has no use for. */
export const REST_ROUTES = {
  signIn: SIGN_IN_ROUTES,
  keys: KEY_ROUTES,
  people: PEOPLE_ROUTES,
  account: ACCOUNT_ROUTES,
  audit: AUDIT_ROUTES,
  nodes: NODE_ROUTES,
  folders: FOLDER_ROUTES,
  removedFolders: REMOVED_FOLDER_ROUTES,
  conflicts: CONFLICT_ROUTES,
  entries: ENTRY_ROUTES,
  uploads: UPLOAD_ROUTES,
  history: HISTORY_ROUTES,
  savings: SAVINGS_ROUTES,
  coordinator: COORDINATOR_ROUTES,
  original: ORIGINAL_ROUTES,
}
