import { printable } from '@causeway/protocol'
import type { CSSProperties } from 'react'

export interface NameProps {
  readonly text: string
  readonly className?: string | undefined
  readonly style?: CSSProperties
}

/** The name of a file, a folder or a node: it turns no text around it, and nothing in it is hidden. */
export function Name({ text, ...more }: NameProps) {
  return <bdi {...more}>{printable(text)}</bdi>
}
