import { Button, Code, Group, Tooltip, UnstyledButton } from '@mantine/core'
import { useEffect, useRef, useState } from 'react'
import { putOnClipboard } from './clipboard.ts'

/** A command to run, with a button that copies it; where that can't be done, the command is selected. */
export function CommandLine({ command }: { readonly command: string }) {
  const line = useRef<HTMLPreElement>(null)
  const { told, copy } = useCopy(command, () => {
    if (line.current !== null) window.getSelection()?.selectAllChildren(line.current)
  })
  return (
    <Group gap="sm" wrap="nowrap" align="stretch">
      <Code block ref={line} style={{ flex: 1, minWidth: 0, overflowX: 'auto' }} tabIndex={0}>
        {command}
      </Code>
      <Button variant="default" onClick={copy} h="auto">
        {told === null ? 'Copy' : told === 'copied' ? 'Copied' : 'Selected'}
      </Button>
    </Group>
  )
}

/** The first 8 characters of a hash; a click copies it whole, or shows it whole where that can't be done. */
export function HashText({ hash }: { readonly hash: string }) {
  const { told, copy } = useCopy(hash)
  return (
    <Tooltip label={told === 'copied' ? 'Copied' : hash}>
      <UnstyledButton
        onClick={copy}
        ff="monospace"
        fz="inherit"
        aria-label={`${hash.slice(0, 8)} …, copy the whole hash`}
      >
        {told === 'refused' ? hash : hash.slice(0, 8)}
      </UnstyledButton>
    </Tooltip>
  )
}

const TOLD_FOR_MS = 2_000

/** Copies on demand, and says for a moment what came of it; `instead` is what is done where nothing did. */
function useCopy(text: string, instead?: () => void): { readonly told: 'copied' | 'refused' | null; copy(): void } {
  const [told, setTold] = useState<'copied' | 'refused' | null>(null)
  useEffect(() => {
    if (told !== 'copied') return undefined
    const timer = setTimeout(() => setTold(null), TOLD_FOR_MS)
    return () => clearTimeout(timer)
  }, [told])
  return {
    told,
    copy() {
      void putOnClipboard(text).then((isCopied) => {
        setTold(isCopied ? 'copied' : 'refused')
        if (!isCopied) instead?.()
      })
    },
  }
}
