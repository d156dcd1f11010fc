import type { AuditAction, AuditActor, AuditEntry } from '@causeway/protocol'
import { isoNow } from '@causeway/log'
import type { AuditFilter, MetadataWriter } from '@causeway/store'
import type { Identity } from '../access/authorize.ts'
import type { Context } from '../ports/context.ts'

/** Who does something, and from where. */
export interface Doer {
  readonly actor: AuditActor
  /** The address that the request came from. */
  readonly from: string
}

export interface Deed {
  readonly action: AuditAction
  readonly object?: string
  /** Where it is another than whoever is behind the request. */
  readonly actor?: AuditActor
  /** By name; what is undefined is left out. */
  readonly details?: Readonly<Record<string, string | number | boolean | null | undefined>>
}

/** Who did what: added to by whoever does it, read by admins, changed by nobody. */
export interface Audit {
  /** Newest first, below a position if one is given. */
  list(query: { before?: number | undefined; limit: number; filter: AuditFilter }): Promise<readonly AuditEntry[]>
  /** All of it, oldest last. */
  everything(): AsyncIterable<readonly AuditEntry[]>
  /** For what has no write of its own to be noted in. */
  note(doer: Doer, deed: Deed): Promise<void>
}

const PAGE = 500

export function createAudit(context: Pick<Context, 'metadata' | 'clock'>): Audit {
  const { metadata } = context
  const list: Audit['list'] = ({ before, limit, filter }) =>
    metadata.read((tx) => tx.audit.before(before, filter, limit))
  return {
    list,
    async *everything() {
      for (let before: number | undefined; ;) {
        const page = await list({ before, limit: PAGE, filter: {} })
        if (page.length > 0) yield page
        if (page.length < PAGE) return
        before = page.at(-1)?.position
      }
    },
    note: (doer, deed) => metadata.write((tx) => noteDeed(tx, { doer, deed, at: isoNow(context.clock) })),
  }
}

/** Notes a deed in the write that does it: neither is there without the other. */
export async function noteDeed(
  tx: MetadataWriter,
  { doer, deed, at }: { readonly doer: Doer; readonly deed: Deed; readonly at: string },
): Promise<void> {
  const { action, actor = doer.actor, object = '', details = {} } = deed
  const told = Object.entries(details).flatMap(([name, value]) =>
    value === undefined || value === null ? [] : [{ name, value: shortOf(String(value)) }],
  )
  await tx.audit.add({ at, actor, from: doer.from, action, object: object.slice(0, 256), details: told })
}

/** The log is no place to store things in. */
function shortOf(text: string): string {
  return text.length <= 2000 ? text : `${text.slice(0, 2000).toWellFormed()}…`
}

export function actorOf(identity: Identity | null): AuditActor {
  if (identity === null) return { kind: 'nobody', id: '', name: '' }
  if (identity.kind === 'node') return { kind: 'node', id: identity.node, name: identity.node }
  const { id, name } = identity.person
  return { kind: 'person', id, name }
}
