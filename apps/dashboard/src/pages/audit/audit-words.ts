import type { AuditAction, AuditActor, AuditEntry } from '@causeway/protocol'

/** What was done, as the beginning of a sentence that ends with what it was done to. */
export const ACTION_WORDS: Readonly<Record<AuditAction, string>> = {
  'signed-in': 'Signed in',
  'sign-in-failed': 'Failed to sign in',
  'sign-in-held-up': 'Was held up after too many failed sign-ins',
  'signed-out': 'Signed out',
  'session-ended': 'Ended a session',
  'password-changed': 'Changed the password of',
  'person-invited': 'Invited somebody',
  'person-invite-revoked': 'Revoked an invitation',
  'person-joined': 'Accepted an invitation as',
  'person-changed': 'Changed the rights of',
  'person-removed': 'Removed the account of',
  'password-link-made': 'Made a link for a new password of',
  'token-made': 'Made the token',
  'token-removed': 'Removed the token',
  'node-invited': 'Made a join link for a node',
  'node-invite-revoked': 'Revoked the join link',
  'node-joined': 'Joined by a link as the node',
  'node-registered': 'Registered the node',
  'node-renamed': 'Renamed the node',
  'node-removed': 'Removed the node',
  'device-lost': 'Reported as lost the node',
  'key-announced': 'Announced the next TLS key',
  'key-dropped': 'Dropped the next TLS key',
  'key-replaced': 'Replaced the TLS key',
  'folder-created': 'Created the folder',
  'folder-changed': 'Changed the settings of the folder',
  'folder-removed': 'Removed the folder',
  'folder-restored': 'Restored the folder',
  'folder-deleted': 'Deleted for good the folder',
  'folder-given': 'Gave to a node the folder',
  'folder-taken-away': 'Took from a node the folder',
  'access-changed': 'Changed what a node may do in',
  'halt-lifted': 'Resolved a halt of the folder',
  restored: 'Restored files in',
  undone: 'Undid changes in',
  'files-removed': 'Deleted files in',
  'conflict-resolved': 'Resolved a conflict in',
  'audit-exported': 'Downloaded the audit log',
}

export function whoWords({ kind, name, id }: AuditActor): string {
  if (kind === 'nobody') return name === '' ? 'Somebody not signed in' : `Somebody as ${name}`
  return name || id
}

export function detailWords({ details }: Pick<AuditEntry, 'details'>): string {
  return details.map(({ name, value }) => `${name}: ${value}`).join(' · ')
}
