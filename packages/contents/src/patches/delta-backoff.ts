/** Whether the next stretch of a content is worth a look for what it shares with its base. */
export interface DeltaBackoff {
  worthATry(): boolean
  note(helped: boolean): void
}

const TRIES = 4
const TRY_EACH = 8

/** Where the base was of no help several times running, it is tried only now and then, until it is of help again. */
export function createDeltaBackoff(): DeltaBackoff {
  let failed = 0
  let passed = 0
  return {
    worthATry: () => failed < TRIES || ++passed % TRY_EACH === 0,
    note: (helped) => void (failed = helped ? 0 : failed + 1),
  }
}
