import { MergeView, unifiedMergeView } from '@codemirror/merge'
import { EditorState, type Extension } from '@codemirror/state'
import { EditorView, lineNumbers } from '@codemirror/view'
import { useMediaQuery } from '@mantine/hooks'
import { useEffect, useRef } from 'react'
import { STYLE_NONCE } from '../../parts/style-nonce.ts'
import look from './compared.module.css'

interface Text {
  readonly text: string
  readonly label: string
}

const THEME = EditorView.theme({
  '&': { backgroundColor: 'transparent', color: 'inherit' },
  '.cm-content': { fontFamily: 'var(--mantine-font-family-monospace)' },
  '.cm-gutters': {
    backgroundColor: 'var(--surface-raised)',
    color: 'var(--mantine-color-dimmed)',
    borderRight: '1px solid var(--line)',
    // A number is never broken, however narrow the page.
    overflowWrap: 'normal',
    whiteSpace: 'nowrap',
    flexShrink: '0',
  },
  '.cm-changedLine': { backgroundColor: 'color-mix(in srgb, var(--state-ok) 12%, transparent)' },
  '.cm-changedText': { background: 'color-mix(in srgb, var(--state-ok) 30%, transparent) !important' },
  '&.cm-merge-a .cm-changedLine, .cm-deletedChunk': {
    backgroundColor: 'color-mix(in srgb, var(--state-halted) 12%, transparent)',
  },
  '&.cm-merge-a .cm-changedText, .cm-deletedChunk .cm-deletedText': {
    background: 'color-mix(in srgb, var(--state-halted) 28%, transparent) !important',
  },
  '.cm-collapsedLines': {
    background: 'var(--surface-raised)',
    color: 'var(--mantine-color-dimmed)',
    fontFamily: 'var(--mantine-font-family)',
    '&:before, &:after': { content: '"⋯"' },
  },
})

/** Two texts, what differs marked: beside each other, or in one column where there is no room. */
export function Diff({ a, b }: { readonly a: Text; readonly b: Text }) {
  const box = useRef<HTMLDivElement>(null)
  const narrow = useMediaQuery('(max-width: 820px)', false, { getInitialValueInEffect: false })
  useEffect(() => {
    const parent = box.current
    if (parent === null) return
    const collapseUnchanged = { margin: 3, minSize: 6 }
    const view = narrow
      ? new EditorView({
          parent,
          doc: b.text,
          extensions: [
            readOnly(`${a.label} against ${b.label}`),
            unifiedMergeView({ original: a.text, mergeControls: false, gutter: true, collapseUnchanged }),
          ],
        })
      : new MergeView({
          parent,
          a: { doc: a.text, extensions: readOnly(a.label) },
          b: { doc: b.text, extensions: readOnly(b.label) },
          gutter: true,
          collapseUnchanged,
        })
    return () => view.destroy()
  }, [a.text, a.label, b.text, b.label, narrow])
  return (
    <div>
      <div className={look.labels} data-one={narrow || undefined}>
        {narrow ? (
          <span>
            {a.label} (red) → {b.label} (green)
          </span>
        ) : (
          <>
            <span>{a.label}</span>
            <span>{b.label}</span>
          </>
        )}
      </div>
      <div ref={box} className={look.diff} />
    </div>
  )
}

function readOnly(label: string): Extension {
  return [
    lineNumbers(),
    EditorView.lineWrapping,
    EditorState.readOnly.of(true),
    EditorView.editable.of(false),
    EditorView.contentAttributes.of({ 'aria-label': label, tabindex: '0' }),
    EditorView.cspNonce.of(STYLE_NONCE),
    THEME,
  ]
}
