import { Button, Code, CopyButton, Group, Tooltip, UnstyledButton } from '@mantine/core'

/** A command to run, with a button that copies it. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <Group gap="sm" wrap="nowrap" align="stretch">
      <Code block style={{ flex: 1, minWidth: 0, overflowX: 'auto' }} tabIndex={0}>
        {command}
      </Code>
      <CopyButton value={command}>
        {({ copied, copy }) => (
          <Button variant="default" onClick={copy} h="auto">
            {copied ? 'Copied' : 'Copy'}
          </Button>
        )}
      </CopyButton>
    </Group>
  )
}

/** The first 8 characters of a hash; a click copies it whole. */
export function HashText({ hash }: { readonly hash: string }) {
  return (
    <CopyButton value={hash}>
      {({ copied, copy }) => (
        <Tooltip label={copied ? 'Copied' : hash}>
          <UnstyledButton
            onClick={copy}
            ff="monospace"
            fz="inherit"
            aria-label={`${hash.slice(0, 8)} …, copy the whole hash`}
          >
            {hash.slice(0, 8)}
          </UnstyledButton>
        </Tooltip>
      )}
    </CopyButton>
  )
}
