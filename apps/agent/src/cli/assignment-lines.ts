import { folderWord } from '@causeway/protocol'
import { formerWords, type FormerStatus, type OfferStatus } from '../assignments/node-assignments.ts'

/** What is offered to a node, and the commands that take it or decline it. */
export function offerLines(offers: readonly OfferStatus[]): readonly string[] {
  return offers.flatMap(({ folder: id, name, access, reason, formerDirectory }) => {
    const word = folderWord({ id, name })
    const where = formerDirectory === null ? ' DIR' : ''
    const before = formerDirectory === null ? '' : `, where it was before: ${formerDirectory}`
    return [
      `! ${name} is offered to this node (${access}): "causeway accept ${word}${where}" takes it${before}; "causeway decline ${word}" declines it`,
      ...(reason === null ? [] : [`  not taken by itself: ${reason}`]),
    ]
  })
}

const TOLD_FOR_MS = 30 * 86_400_000

/** What is synced no longer, for as long as somebody may wonder. `now` in milliseconds since 1970. */
export function formerLines(former: readonly FormerStatus[], now: number): readonly string[] {
  return former.filter(({ endedAt }) => now - Date.parse(endedAt) < TOLD_FOR_MS).map(formerWords)
}
