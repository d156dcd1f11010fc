import { Loader, Text } from '@mantine/core'
import type { FolderId, VersionView } from '@causeway/protocol'
import { ProblemNote } from '../../parts/problem-note.tsx'
import { versionAddress } from './addresses.ts'
import { nameOf } from './paths.ts'
import { previewKind, textOf } from './preview-kind.ts'
import { Preview, useContent } from './preview.tsx'
import look from './compared.module.css'
import { lazyPart } from '../../parts/lazy-part.tsx'

const Diff = lazyPart('The comparison', async () => (await import('./diff.tsx')).Diff)

export interface Side {
  readonly version: VersionView
  readonly label: string
}

/** Two versions side by side: a diff where both are text, else both previews. */
export function Compared({ folder, a, b }: { readonly folder: FolderId; readonly a: Side; readonly b: Side }) {
  const contentA = a.version.content
  const contentB = b.version.content
  const isSmall = (side: Side): boolean => {
    const { content, path } = side.version
    return content.kind === 'file' && previewKind(nameOf(path), content.size).kind === 'perhaps-text'
  }
  const perhapsText = isSmall(a) && isSmall(b)
  const hashA = contentA.kind === 'file' ? contentA.hash : ''
  const hashB = contentB.kind === 'file' ? contentB.hash : ''
  const bytesA = useContent(hashA, versionAddress(folder, a.version.seq), perhapsText)
  const bytesB = useContent(hashB, versionAddress(folder, b.version.seq), perhapsText)
  if (contentA.kind === 'file' && hashA === hashB)
    return <Text size="sm">Their contents are identical, byte for byte.</Text>
  if (!perhapsText) return <Previews folder={folder} a={a} b={b} />
  const error = bytesA.error ?? bytesB.error
  if (error !== null) return <ProblemNote title="A version could not be loaded" error={error} />
  if (bytesA.data === undefined || bytesB.data === undefined) return <Loader size="sm" aria-label="Loading both" />
  const textA = textOf(bytesA.data)
  const textB = textOf(bytesB.data)
  if (textA === null || textB === null) return <Previews folder={folder} a={a} b={b} />
  return <Diff a={{ text: textA, label: a.label }} b={{ text: textB, label: b.label }} />
}

function Previews({ folder, a, b }: { readonly folder: FolderId; readonly a: Side; readonly b: Side }) {
  return (
    <div className={look.sides}>
      {[a, b].map(({ version, label }) => (
        <figure key={version.seq}>
          <figcaption>{label}</figcaption>
          <Preview folder={folder} version={version} />
        </figure>
      ))}
    </div>
  )
}
