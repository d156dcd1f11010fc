import type { Savings } from '@causeway/protocol'
import { howInWords, howOf, type How } from './savings-model.ts'
import look from './delta.module.css'

const PARTS: readonly { readonly part: keyof How; readonly look: string | undefined; readonly word: string }[] = [
  { part: 'reused', look: look.reused, word: 'already there' },
  { part: 'peers', look: look.peers, word: 'from other nodes' },
  { part: 'delta', look: look.delta, word: 'by delta' },
  { part: 'packed', look: look.packed, word: 'compressed' },
  { part: 'plain', look: look.plain, word: 'uncompressed' },
]

/** How the bytes of some files got there: a small stacked bar, with the words in its tooltip and for screen readers. */
export function HowBar({ savings }: { readonly savings: Savings }) {
  const how = howOf(savings)
  const words = howInWords(savings)
  return (
    <span className={look.how} role="img" aria-label={words} title={words}>
      {PARTS.map(({ part, look: own }) =>
        how[part] === 0 ? null : <span key={part} className={own} style={{ flexGrow: how[part] }} />,
      )}
    </span>
  )
}

/** What the colours and patterns of the bars mean. */
export function HowLegend() {
  return (
    <span className={look.legend} role="note" aria-label="What the bars mean">
      {PARTS.map(({ part, look: own, word }) => (
        <span key={part}>
          <span className={`${look.swatch} ${own}`} aria-hidden="true" /> {word}
        </span>
      ))}
    </span>
  )
}
