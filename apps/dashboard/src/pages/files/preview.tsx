import { Button, Loader, Text } from '@mantine/core'
import type { FolderId, VersionView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import { bytes } from '../../parts/format.ts'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { downloadAddress, versionAddress } from './addresses.ts'
import { saveFrom } from './file-actions.ts'
import { nameOf } from './paths.ts'
import { isMarkdown, previewKind, textOf, type PreviewKind } from './preview-kind.ts'
import look from './preview.module.css'
import { lazyPart } from '../../parts/lazy-part.tsx'

/** Its renderer is not small, and most files are something else. */
const Markdown = lazyPart('The reader of Markdown', async () => (await import('./markdown.tsx')).Markdown)

/**
 * What is in one version of a file. Bytes are only ever shown under a type of
 * the list in `previewKind`, from an address of the page's own: nothing in
 * them can act as a page.
 */
export function Preview(props: {
  readonly folder: FolderId
  readonly version: VersionView
  /** Whether it is the version that stands now: that one can be read in parts. */
  readonly current?: boolean
}) {
  const { folder, version, current = false } = props
  const { content, path, deleted } = version
  const name = nameOf(path)
  if (content.kind === 'directory') return <Note>A directory has nothing to preview.</Note>
  if (content.kind === 'symlink') {
    return (
      <Note>
        A symbolic link to “<Name text={content.target} />
        ”. It is kept as it is and never followed.
      </Note>
    )
  }
  const address = current && !deleted ? downloadAddress(folder, version.entry) : versionAddress(folder, version.seq)
  const kind = previewKind(name, content.size)
  if (content.size === 0) return <Note>The file is empty.</Note>
  switch (kind.kind) {
    case 'audio':
    case 'video':
      // Another version may play although this one does not.
      return <Played key={content.hash} kind={kind.kind} name={name} address={address} />
    case 'too-large':
      return (
        <NoPreview address={address}>
          {bytes(content.size)} is more than is shown here (at most {bytes(kind.mostBytes)}).
        </NoPreview>
      )
    case 'none':
      return <NoPreview address={address}>There is no preview of this kind of file.</NoPreview>
    default:
      // Keyed by what is in it: another content is another preview, the same one is not loaded again.
      return <Loaded key={content.hash} name={name} hash={content.hash} address={address} kind={kind} />
  }
}

function Played({ kind, name, address }: { kind: 'audio' | 'video'; name: string; address: string }) {
  const [broken, setBroken] = useState(false)
  if (broken) return <NoPreview address={address}>This browser can’t play this file.</NoPreview>
  const player = {
    controls: true,
    preload: 'metadata',
    src: address,
    'aria-label': name,
    onError: () => setBroken(true),
  }
  return kind === 'audio' ? (
    <audio className={look.audio} {...player} />
  ) : (
    <video className={look.picture} {...player} />
  )
}

type LoadedKind = Exclude<PreviewKind, { kind: 'audio' | 'video' | 'too-large' | 'none' }>

function Loaded(props: {
  readonly name: string
  readonly hash: string
  readonly address: string
  readonly kind: LoadedKind | Extract<PreviewKind, { type: string }>
}) {
  const { name, hash, address, kind } = props
  const content = useContent(hash, address)
  if (content.error !== null) {
    return (
      <ProblemNote
        title={`${isolated(name)} could not be loaded`}
        error={content.error}
        retry={() => void content.refetch()}
      />
    )
  }
  if (content.data === undefined) return <Loader size="sm" aria-label={`Loading ${isolated(name)}`} />
  if (kind.kind === 'image') return <Picture bytes={content.data} type={kind.type} name={name} address={address} />
  if (kind.kind === 'pdf') return <Paper bytes={content.data} type={kind.type} name={name} address={address} />
  const text = textOf(content.data)
  if (text === null)
    return <NoPreview address={address}>This file is not text, and there is no other preview of it.</NoPreview>
  return isMarkdown(name) ? <Read text={text} name={name} /> : <Plain text={text} name={name} />
}

/** Markdown as it is meant to be read or, for whoever wants it, as it was written. */
function Read({ text, name }: { readonly text: string; readonly name: string }) {
  const [isWritten, setIsWritten] = useState(false)
  return (
    <>
      <Button size="compact-xs" variant="subtle" mb="xs" onClick={() => setIsWritten(!isWritten)}>
        {isWritten ? 'Show formatted' : 'Show source'}
      </Button>
      {isWritten ? <Plain text={text} name={name} /> : <Markdown text={text} name={name} />}
    </>
  )
}

function Plain({ text, name }: { readonly text: string; readonly name: string }) {
  return (
    <pre className={look.text} tabIndex={0} aria-label={`Text of ${isolated(name)}`}>
      {text}
    </pre>
  )
}

/** A content never changes under its hash: what was loaded once is good forever. */
export function useContent(hash: string, address: string, enabled = true) {
  return useQuery({
    queryKey: ['content', hash],
    enabled,
    gcTime: 60_000,
    async queryFn({ signal }) {
      const response = await fetch(address, { signal })
      if (!response.ok) throw new Error(`The coordinator answered ${response.status}.`)
      return new Uint8Array(await response.arrayBuffer())
    },
  })
}

interface BlobShown {
  readonly bytes: Uint8Array<ArrayBuffer>
  readonly type: string
  readonly name: string
  readonly address: string
}

function Picture({ bytes: content, type, name, address }: BlobShown) {
  const url = useBlobUrl(content, type)
  const [broken, setBroken] = useState(false)
  if (broken) return <NoPreview address={address}>The picture could not be displayed.</NoPreview>
  return url === null ? null : (
    <img className={look.picture} src={url} alt={`Content of ${isolated(name)}`} onError={() => setBroken(true)} />
  )
}

function Paper({ bytes: content, type, name, address }: BlobShown) {
  const url = useBlobUrl(content, type)
  if (!navigator.pdfViewerEnabled) {
    return <NoPreview address={address}>This browser can’t display PDFs in a page.</NoPreview>
  }
  return url === null ? null : <iframe className={look.paper} src={url} title={`Pages of ${isolated(name)}`} />
}

function useBlobUrl(content: Uint8Array<ArrayBuffer>, type: string): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([content], { type }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [content, type])
  return url
}

function NoPreview({ address, children }: { readonly address: string; readonly children: React.ReactNode }) {
  return (
    <div>
      <Note>{children}</Note>
      <Button size="xs" mt="sm" variant="default" onClick={() => saveFrom(address)}>
        Download
      </Button>
    </div>
  )
}

function Note({ children }: { readonly children: React.ReactNode }) {
  return (
    <Text size="sm" c="dimmed">
      {children}
    </Text>
  )
}
