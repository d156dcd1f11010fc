import { printable } from '@causeway/protocol'

const FROM_RIGHT = /[\p{Script=Hebrew}\p{Script=Arabic}\p{Script=Syriac}\p{Script=Thaana}\p{Script=Nko}]/u
const ISOLATE = '\u2068'
const END = '\u2069'

/**
 * Somebody's name within a sentence of ours: nothing in it is obeyed, and where it runs from the right, the words
 * around it stay where they are. For titles, labels and other places that take no elements; elsewhere `Name` does.
 */
export function isolated(name: string): string {
  const shown = printable(name)
  return FROM_RIGHT.test(shown) ? `${ISOLATE}${shown}${END}` : shown
}
