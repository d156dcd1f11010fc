import { Button, Checkbox, Group, Stack, Text } from '@mantine/core'
import type { FolderId, VersionView } from '@causeway/protocol'
import { ClocksLink } from './clocks-link.tsx'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { ActorName } from '../../parts/actor-name.tsx'
import { Ago } from '../../parts/ago.tsx'
import { bytes } from '../../parts/format.ts'
import { PathText } from '../../parts/path-text.tsx'
import { versionAddress } from './addresses.ts'
import { Compared } from './compared.tsx'
import { saveFrom } from './file-actions.ts'
import { orderWords, versionWords } from './history-words.ts'
import { Preview } from './preview.tsx'
import { UndoCommit } from '../../undo/undo-commit.tsx'
import { tellDone } from './undo.tsx'
import { useActorColour } from '../../live/use-node-name.ts'
import { useMay } from '../../data/rights.ts'
import { positions } from '../../parts/address.ts'
import { useAddress } from '../../parts/use-address.ts'
import look from './history.module.css'

/** What an entry was, newest first. One chosen version is shown, two are compared; any can be brought back. */
export function History(props: {
  readonly folder: FolderId
  readonly entry: string
  readonly versions: readonly VersionView[]
  /** Where older versions go on, if there are more. */
  readonly more: number | null
}) {
  const actorColour = useActorColour()
  const mayChange = useMay().change(props.folder)
  const { folder, entry, versions: newest, more } = props
  const older = useOlder(folder, entry, more)
  const versions = [...newest, ...older.versions]
  const { said, say } = useAddress()
  // The address follows a moment later than the next click may come.
  const [chosen, setChosen] = useState(() => positions(said.versions))
  const [now] = versions
  const restore = useAction('restore this version', async (version: VersionView) => {
    await client.restore(folder, { entry, version: version.seq })
    if (now === undefined) return
    tellDone('Restored. The version before is still in the history.', () =>
      now.deleted ? client.remove(folder, [version.path]) : client.restore(folder, { entry, version: now.seq }),
    )
  })
  const shown = chosen.flatMap((seq) => versions.find((version) => version.seq === seq) ?? [])
  const [first, second] = shown.toSorted((a, b) => a.seq - b.seq)

  function choose(seq: number, checked: boolean): void {
    // A third choice takes the place of the oldest.
    const next = checked ? [...chosen, seq].slice(-2) : chosen.filter((one) => one !== seq)
    setChosen(next)
    say({ versions: next.join(',') }, false)
  }

  return (
    <Stack gap="sm">
      <Text size="sm" c="dimmed">
        Select one version to look at it, two to compare them.
      </Text>
      <ol className={look.versions} aria-label="Versions, newest first">
        {versions.map((version, at) => (
          <li key={version.seq} data-chosen={chosen.includes(version.seq) || undefined}>
            <Checkbox
              size="xs"
              aria-label={`Select version ${version.seq}`}
              checked={chosen.includes(version.seq)}
              onChange={(event) => choose(version.seq, event.currentTarget.checked)}
            />
            <div className={look.what}>
              <span>
                <strong>{versionWords(version, versions[at + 1])}</strong>
                {at === 0 && <span className={look.now}>current</span>}
              </span>
              <span className={look.by}>
                <Ago at={version.at} /> by{' '}
                <span aria-hidden="true" style={{ color: actorColour(version) }}>
                  ●
                </span>{' '}
                <span title={`Event ${version.counter} of ${version.node}, change ${version.seq} of the folder`}>
                  <ActorName of={version} /> {version.counter}
                </span>
                {version.content.kind === 'file' && ` · ${bytes(version.content.size)}`}
                {version.path !== (versions[at + 1] ?? now)?.path && (
                  <>
                    {' · '}
                    <PathText path={version.path} most={48} />
                  </>
                )}
              </span>
            </div>
            <Group gap={4} justify="end" ml="auto">
              <UndoCommit folder={folder} seq={version.seq} compact />
              {version.content.kind === 'file' && !version.deleted && (
                <Button
                  size="compact-xs"
                  variant="subtle"
                  aria-label={`Download version ${version.seq}`}
                  onClick={() => saveFrom(versionAddress(folder, version.seq))}
                >
                  Download
                </Button>
              )}
              {at > 0 && !version.deleted && mayChange && (
                <Button
                  size="compact-xs"
                  variant="default"
                  aria-label={`Restore version ${version.seq}`}
                  loading={restore.busy}
                  onClick={() => void restore.run(version)}
                >
                  Restore
                </Button>
              )}
            </Group>
          </li>
        ))}
      </ol>
      {older.next !== null && (
        <Button variant="subtle" size="xs" loading={older.loading} onClick={older.load}>
          Load older versions
        </Button>
      )}
      {first !== undefined && second === undefined && <Preview folder={folder} version={first} />}
      {first !== undefined && second !== undefined && (
        <>
          <Order folder={folder} a={first} b={second} />
          <Compared
            folder={folder}
            a={{ version: first, label: `Version ${first.seq}` }}
            b={{ version: second, label: `Version ${second.seq}` }}
          />
        </>
      )}
    </Stack>
  )
}

/** How two versions stand to each other, and where to see why. */
function Order({ folder, a, b }: { readonly folder: FolderId; readonly a: VersionView; readonly b: VersionView }) {
  const compared = useQuery({
    queryKey: ['compare', folder, a.seq, b.seq],
    queryFn: () => client.compare(folder, a.seq, b.seq),
  })
  if (compared.data === undefined) return null
  return (
    <Text size="sm">
      {orderWords(compared.data.order)}{' '}
      <ClocksLink folder={folder} entries={[b.entry]}>
        See both in Vector Clocks
      </ClocksLink>
    </Text>
  )
}

/** Pages of the history behind the first, which live messages keep fresh. */
function useOlder(folder: FolderId, entry: string, more: number | null) {
  const [pages, setPages] = useState<{
    readonly versions: readonly VersionView[]
    readonly next: number | null
  } | null>(null)
  const next = pages === null ? more : pages.next
  const loading = useAction('load older versions', async () => {
    if (next === null) return
    const page = await client.history(folder, { entry }, { before: next })
    setPages({ versions: [...(pages?.versions ?? []), ...page.versions], next: page.next })
  })
  return { versions: pages?.versions ?? [], next, loading: loading.busy, load: () => void loading.run() }
}
