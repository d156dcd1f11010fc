import { Alert, Button, Code, Group, Stack, Text } from '@mantine/core'
import { notifications } from '@mantine/notifications'
import { useQueryClient } from '@tanstack/react-query'
import { client } from '../data/client.ts'
import { useMay } from '../data/rights.ts'
import { useAction } from '../data/use-action.ts'
import { useLive } from '../live/use-live.ts'
import { useNodeName } from '../live/use-node-name.ts'
import { modals } from '../parts/confirm.tsx'
import { bytes, plural } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'
import { Name } from '../parts/name.tsx'
import { PathText } from '../parts/path-text.tsx'
import { countedOf, directoryWords, haltWords } from './halt-words.ts'
import type { Halt } from './halts-of.ts'
import look from './halts.module.css'

/** One thing that waits for a person: what it is, where it lies, and both ways on. */
export function HaltPanel({ halt }: { readonly halt: Halt }) {
  const { folder, node, kind, reason } = halt
  const { administer } = useMay()
  const nodes = useLive((state) => state.nodes)
  const nameOf = useNodeName()
  const name = node === null ? 'The coordinator' : isolated(nameOf(node.id))
  const others = [...nodes.values()]
    .filter(
      ({ id, revoked, folders }) => !revoked && id !== node?.id && folders.some((one) => one.folder === folder.id),
    )
    .map(({ id }) => isolated(nameOf(id)))
  const words = haltWords(halt, name, others)
  const title = kind === 'root' ? `${name} has stopped in ${isolated(folder.name)}` : words.title
  return (
    <Alert
      color="red"
      role="status"
      title={
        <>
          <span aria-hidden="true">■ </span>
          <bdi>{title}</bdi>
        </>
      }
    >
      <Stack gap="sm">
        {kind === 'root' ? (
          <>
            <Text size="sm">
              <Name text={reason} />
            </Text>
            <BringBackRoot name={name} />
          </>
        ) : (
          <>
            <Text size="sm">{node === null ? <Name text={`${reason}.`} /> : words.what}</Text>
            <Where halt={halt} />
            {administer ? (
              <Decide halt={halt} name={name} others={others} />
            ) : (
              <Text size="sm">An admin decides what becomes of it. Nothing is lost until then.</Text>
            )}
          </>
        )}
      </Stack>
    </Alert>
  )
}

function Where({ halt: { held, sample } }: { readonly halt: Halt }) {
  if (held === null) return <Sample paths={sample} />
  return (
    <>
      <table className={look.where}>
        <thead className="only-read">
          <tr>
            <th scope="col">Directory</th>
            <th scope="col">How much</th>
            <th scope="col">Files</th>
            <th scope="col">Size</th>
          </tr>
        </thead>
        <tbody>
          {held.directories.map((directory) => (
            <tr key={directory.path}>
              <td>{directory.path === '' ? '/' : <PathText path={directory.path} most={56} />}</td>
              <td>{directoryWords(directory)}</td>
              <td data-number>{plural(directory.files, 'file')}</td>
              <td data-number>{bytes(directory.bytes)}</td>
            </tr>
          ))}
          {held.moreDirectories > 0 && (
            <tr>
              <td colSpan={4}>and {plural(held.moreDirectories, 'more directory', 'more directories')}</td>
            </tr>
          )}
        </tbody>
      </table>
      <details>
        <summary>Some of them by name</summary>
        <Sample paths={sample} />
      </details>
    </>
  )
}

function Sample({ paths }: { readonly paths: readonly string[] }) {
  return (
    <ul className={look.sample}>
      {paths.map((path) => (
        <li key={path}>
          <PathText path={path} most={72} />
        </li>
      ))}
    </ul>
  )
}

interface Deciding {
  readonly halt: Halt
  readonly name: string
  readonly others: readonly string[]
}

function Decide({ halt, name, others }: Deciding) {
  const { folder, node, obstacle } = halt
  const queries = useQueryClient()
  const words = haltWords(halt, name, others)
  const settle = useAction('resolve the halt', async (choice: 'let-go' | 'put-back') => {
    if (node === null) await client.resumeFolder(folder.id)
    else await client.settleHalt(folder.id, node.id, choice)
    await queries.invalidateQueries({ queryKey: ['folders'] })
    if (choice === 'put-back') notifications.show({ message: words.putBackDone, autoClose: 8_000 })
  })
  const canPutBack = node !== null && obstacle === null
  return (
    <>
      <Group gap="sm">
        {canPutBack && (
          <Button size="xs" loading={settle.busy} onClick={() => void settle.run('put-back')}>
            {words.putBack}
          </Button>
        )}
        <Button
          size="xs"
          variant="default"
          loading={settle.busy}
          onClick={() =>
            modals.confirm({
              title: `Let ${countedOf(halt)} go?`,
              text: <>{words.consequence} Every version stays in the history, and can be restored from there.</>,
              action: words.letGo,
              onConfirm: () => void settle.run('let-go'),
            })
          }
        >
          {words.letGo}
        </Button>
      </Group>
      {obstacle !== null && (
        <Text size="sm">
          {name} {obstacle}
        </Text>
      )}
      <Text size="xs" c="dimmed">
        Nothing is lost until you decide. If the files are only somewhere else (a disk that is not mounted, a directory
        that was moved), put them back by hand and syncing continues.
      </Text>
    </>
  )
}

function BringBackRoot({ name }: { readonly name: string }) {
  return (
    <Text size="sm" component="div">
      Bring the directory back on {name} (mount the disk, undo the rename), and syncing continues. If it is gone for
      good, leave the folder there and join it again: <Code>causeway join &lt;link&gt; &lt;directory&gt;</Code>.
    </Text>
  )
}
