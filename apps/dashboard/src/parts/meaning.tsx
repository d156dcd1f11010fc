import type { ReactNode } from 'react'
import look from './meaning.module.css'

/** What numbers mean, for whoever asks: closed at first, opened by mouse or keyboard. */
export function Meaning(props: {
  readonly label: string
  /** Whose meaning it is, where the label alone does not tell somebody who only hears it. */
  readonly of?: string
  readonly children: ReactNode
}) {
  const { label, of, children } = props
  return (
    <details className={look.meaning}>
      <summary>
        {label}
        {of !== undefined && <span className="only-read">: {of}</span>}
      </summary>
      <div>{children}</div>
    </details>
  )
}
