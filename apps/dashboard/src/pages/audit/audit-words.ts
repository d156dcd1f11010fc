import type { AuditAction, AuditActor, AuditEntry } from '@causeway/protocol'
import { moment } from '../../parts/format.ts'

/** What was done: the three dots stand for what it was done to, which is at the end of the others. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  'signed-in': 'Signed in',
  'sign-in-link-made': 'Created a sign-in link',
  'sign-in-failed': 'Failed to sign in',
  'sign-in-held-up': 'Has to wait after too many failed sign-ins',
  'signed-out': 'Signed out',
  'session-ended': 'Ended a session',
  'password-changed': 'Changed the password of',
  'person-invited': 'Invited someone',
  'person-invite-revoked': 'Revoked an invitation',
  'person-joined': 'Accepted an invitation as',
  'person-changed': 'Changed the rights of',
  'person-removed': 'Removed the account of',
  'password-link-made': 'Created a link for a new password of',
  'token-made': 'Created the token',
  'token-removed': 'Removed the token',
  'node-invited': 'Created a join link for a node',
  'node-invite-revoked': 'Revoked the join link',
  'node-joined': 'Joined with a link, as the node',
  'node-registered': 'Registered the node',
  'node-renamed': 'Renamed the node',
  'node-limited': 'Changed how much may be sent a day by the node',
  'node-removed': 'Removed the node',
  'device-lost': 'Reported the node … lost',
  'key-announced': 'Created the next TLS key',
  'key-dropped': 'Discarded the next TLS key',
  'key-replaced': 'Replaced the TLS key',
  'folder-created': 'Created the folder',
  'folder-changed': 'Changed the settings of the folder',
  'folder-removed': 'Removed the folder',
  'folder-restored': 'Restored the folder',
  'folder-deleted': 'Deleted the folder … for good',
  'folder-given': 'Gave a node the folder',
  'folder-taken-away': 'Took the folder … away from a node',
  'access-changed': 'Changed the rights of a node in',
  'halt-lifted': 'Resolved a halt in',
  restored: 'Restored files in',
  undone: 'Undid changes in',
  'files-removed': 'Deleted files in',
  'conflict-resolved': 'Resolved a conflict in',
  'audit-exported': 'Downloaded the audit log',
}

export function whoWords({ kind, name, id }: AuditActor): string {
  if (kind === 'nobody') return name === '' ? 'Someone not signed in' : `Someone as ${name}`
  return name || id
}

/** What was done, before and after the name of what it was done to. */
export function actionWords(action: AuditAction): readonly [before: string, after: string] {
  const [before = '', after = ''] = ACTION_WORDS[action].split(' … ')
  return [before, after]
}

export function detailWords({ details }: Pick<AuditEntry, 'details'>): string {
  return details.map(({ name, value }) => `${nameWords(name)}: ${valueWords(value)}`).join(' · ')
}

/** A field's name as people write it: "expiresAt" is "expires", "lastSeenAt" is "last seen". */
function nameWords(name: string): string {
  return name
    .replace(/At$/, '')
    .replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
    .replaceAll('_', ' ')
}

function valueWords(value: string): string {
  if (value === 'true') return 'yes'
  if (value === 'false') return 'no'
  if (/^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return moment(Date.parse(value))
  return /^\["[^"]*"(,"[^"]*")*\]$/.test(value) ? value.slice(1, -1).replaceAll('"', '').replaceAll(',', ', ') : value
}
