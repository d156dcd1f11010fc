/**
 * How a reader of a log stands to it, whatever its positions are.
 *
 * - `live`: it was sent everything up to `at`.
 * - `catchup`: the log is being read behind `at`; with `again`, there was a
 *   hint since that read began, so what it finds may be short of the end.
 * - `behind`: it was told to ask, and is sent nothing until it does.
 */
export type Following<At> =
  | { readonly kind: 'live'; readonly at: At }
  | { readonly kind: 'catchup'; readonly at: At; readonly again: boolean }
  | { readonly kind: 'behind' }

/** A reader is to be sent everything behind a position: the log is to be read. */
export function catchUp<At>(at: At): Following<At> {
  return { kind: 'catchup', at, again: false }
}

export const BEHIND: Following<never> = { kind: 'behind' }

/**
 * A hint that the log grew. It may be late or a repetition, and others may have
 * been lost: it starts a read behind the reader's own position, and says
 * nothing of what that finds.
 */
export function hinted<At>(following: Following<At>): { readonly next: Following<At>; readonly read: boolean } {
  switch (following.kind) {
    case 'live':
      return { next: catchUp(following.at), read: true }
    case 'catchup':
      return { next: { ...following, again: true }, read: false }
    case 'behind':
      return { next: following, read: false }
  }
}

/** The reader was sent all that a read had found, up to `at`; `again` where there may be more. */
export function sent<At>(following: Following<At>, at: At): { readonly next: Following<At>; readonly again: boolean } {
  return { next: { kind: 'live', at }, again: following.kind === 'catchup' && following.again }
}

/** True while what a read found is still what the reader waits for: it may have asked anew, or have been cut off. */
export function awaits<At>(following: Following<At> | undefined, at: At): boolean {
  return following?.kind === 'catchup' && following.at === at
}
