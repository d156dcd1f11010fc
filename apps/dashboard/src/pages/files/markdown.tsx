import { useMemo } from 'react'
import { markdownHtml } from './markdown-html.ts'
import look from './preview.module.css'
import { isolated } from '../../parts/isolated.ts'

/** Markdown as it is meant to be read. No file can put markup of its own into the page. */
export function Markdown({ text, name }: { readonly text: string; readonly name: string }) {
  const html = useMemo(() => ({ __html: markdownHtml(text) }), [text])
  return (
    <div
      className={look.markdown}
      tabIndex={0}
      role="document"
      aria-label={`Text of ${isolated(name)}`}
      dangerouslySetInnerHTML={html}
    />
  )
}
