import fc from 'fast-check'
import type { UserSide } from '@causeway/testkit'

type Action =
  | { readonly kind: 'write' | 'mkdir' | 'remove' | 'replace'; readonly path: string }
  | { readonly kind: 'rename'; readonly path: string; readonly to: string }

const anyPath = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 3 }).map((parts) => parts.join('/'))

/** What a person does in a small tree: names meet often, so that moves, swaps and reused names come up. */
export const anyActions: fc.Arbitrary<readonly Action[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constantFrom('write', 'mkdir', 'remove', 'replace'), path: anyPath }),
    fc.record({ kind: fc.constant('rename'), path: anyPath, to: anyPath }),
  ),
  { maxLength: 12 },
)

/** Does what makes sense in the tree as it then is, and leaves out the rest. */
export function perform(user: UserSide, actions: readonly Action[]): void {
  for (const [index, action] of actions.entries()) {
    try {
      if (action.kind === 'write') user.write(action.path, `text ${index}`)
      else if (action.kind === 'mkdir') user.mkdir(action.path)
      else if (action.kind === 'remove') user.remove(action.path)
      else if (action.kind === 'rename') user.rename(action.path, action.to)
      else {
        user.write(`${action.path}~`, `text ${index}`)
        user.rename(`${action.path}~`, action.path)
      }
    } catch (error) {
      // The tree refuses what no disk would do either.
      if (!(error instanceof Error)) throw error
    }
  }
}
