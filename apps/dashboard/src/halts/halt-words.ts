import type { HeldDirectory } from '@causeway/protocol'
import { bytes, listOf, plural } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'
import type { Halt } from './halts-of.ts'

/** The words of one halt, as people read them on its panel. */
export interface HaltWords {
  readonly title: string
  readonly what: string
  readonly putBack: string
  readonly putBackDone: string
  readonly letGo: string
  /** What letting it go does, counted. */
  readonly consequence: string
}

/** `name` is the node's, `others` those of the other nodes that carry the folder; as they stand in a sentence. */
export function haltWords(halt: Halt, name: string, others: readonly string[]): HaltWords {
  const { held } = halt
  const folder = isolated(halt.folder.name)
  const counted = countedOf(halt)
  if (held?.from === 'elsewhere') {
    return {
      title: `${name} keeps what was deleted elsewhere in ${folder}`,
      what: `${counted} were deleted elsewhere, and nothing had counted them. ${name} keeps them until you decide.`,
      putBack: 'Put them back everywhere',
      putBackDone: `${name} is bringing back ${counted} forevery node.`,
      letGo: 'Let it go',
      consequence: `${counted} are deleted on ${name} too.`,
    }
  }
  return {
    title: `${name} holds back a removal in ${folder}`,
    what: `${counted} are gone from ${name}. ${others.length === 0 ? 'The coordinator keeps' : 'The others keep'} them until you decide.`,
    putBack: `Put them back on ${name}`,
    putBackDone: `${name} is putting back ${counted}.`,
    letGo: 'Let it go',
    consequence:
      others.length === 0
        ? `${counted} are deleted in ${folder}. No other node carries it.`
        : `${counted} are deleted on ${plural(others.length, 'other node')} too: ${listOf(others)}.`,
  }
}

export function countedOf({ held, removed, live }: Halt): string {
  if (held === null) return removed === 0 ? 'Some entries' : `${plural(removed, 'entry', 'entries')} of ${live}`
  if (held.files === 0) return plural(removed, 'empty directory', 'empty directories')
  return `${plural(held.files, 'file')} (${bytes(held.bytes)})`
}

/** Where it lies, as a person names it. */
export function directoryWords({ path, whole }: Pick<HeldDirectory, 'path' | 'whole'>): string {
  if (path === '') return 'at the top of the folder'
  return whole ? 'the whole directory' : 'some of it'
}
