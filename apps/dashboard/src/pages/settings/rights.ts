import type { Access, MembershipView } from '@causeway/protocol'
import { plural } from '../../parts/format.ts'

/** What a node may do in a folder, in words. */
export const RIGHTS: readonly { readonly value: Access; readonly label: string }[] = [
  { value: 'read-write', label: 'Send and receive' },
  { value: 'send-only', label: 'Send only' },
  { value: 'receive-only', label: 'Receive only' },
]

/** The right that a list gave; both ways where it gave none. */
export function rightOf(value: string | null): Access {
  return RIGHTS.find((right) => right.value === value)?.value ?? 'read-write'
}

/** How a node stands in a folder, in a few words. */
export function standingOf({ paused, behind, report }: MembershipView, online: boolean): string {
  const lacks =
    behind === null ? 'over 10,000 changes behind' : behind === 0 ? 'in sync' : `${plural(behind, 'change')} behind`
  if (!online) return `offline, ${lacks}`
  if (paused) return report?.state === 'paused' ? `paused, ${lacks}` : 'pausing …'
  return report?.state === 'halted' ? 'halted' : lacks
}
