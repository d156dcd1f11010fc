import { offerCommands } from '../assignments/offer-commands.ts'
import { formerWords, type FormerStatus, type OfferStatus } from '../assignments/node-assignments.ts'

/** What is offered to a node, and the commands that take it or decline it, which `stateOption` leads to this node. */
export function offerLines(offers: readonly OfferStatus[], stateOption: string): readonly string[] {
  return offers.flatMap(({ folder: id, name, access, reason, formerDirectory }) => {
    const { accept, decline } = offerCommands({ id, name }, stateOption, formerDirectory === null ? 'DIR' : null)
    const before = formerDirectory === null ? '' : `, where it was before: ${formerDirectory}`
    return [
      `! ${name} is offered to this node (${access}): "${accept}" accepts it${before}; "${decline}" declines it`,
      ...(reason === null ? [] : [`  not accepted automatically: ${reason}`]),
    ]
  })
}

const TOLD_FOR_MS = 30 * 86_400_000

/** What is synced no longer, for as long as somebody may wonder. `now` in milliseconds since 1970. */
export function formerLines(former: readonly FormerStatus[], now: number): readonly string[] {
  return former.filter(({ endedAt }) => now - Date.parse(endedAt) < TOLD_FOR_MS).map(formerWords)
}
