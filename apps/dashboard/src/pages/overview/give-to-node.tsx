import { Button, Group, Select } from '@mantine/core'
import type { NodeView } from '@causeway/protocol'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useFolders } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { useNodeName } from '../../live/use-node-name.ts'
import { isolated } from '../../parts/isolated.ts'
import { OfferLine } from '../../parts/offer-line.tsx'
import { givableTo } from '../settings/givable.ts'

/** Gives a node another folder, and shows those for which it has still to say where. */
export function GiveToNode({ node }: { readonly node: NodeView }) {
  const nodeName = useNodeName()
  const { data: folders = [] } = useFolders()
  const givable = givableTo(node, folders)
  const [chosen, setChosen] = useState<string | null>(null)
  const folder = givable.find(({ id }) => id === chosen)
  const give = useAction('give the folder to the node', async () => {
    if (folder === undefined) return
    await client.giveFolder(folder.id, node.id, 'read-write')
    setChosen(null)
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    void give.run()
  }
  return (
    <section aria-label="More folders">
      {node.offers?.map((offer) => {
        const name = folders.find(({ id }) => id === offer.folder)?.name ?? offer.folder
        return (
          <OfferLine
            key={offer.folder}
            folder={{ id: offer.folder, name }}
            node={{ ...node, name: nodeName(node.id) }}
            offer={offer}
            of="folder"
          />
        )
      })}
      {givable.length > 0 && (
        <form onSubmit={submit}>
          <Group align="end" gap="sm" wrap="nowrap" mt="sm">
            <Select
              label="Give it another folder"
              placeholder="Choose a folder"
              flex={1}
              data={givable.map(({ id, name }) => ({ value: id, label: isolated(name) }))}
              value={folder?.id ?? null}
              onChange={setChosen}
            />
            <Button type="submit" variant="default" disabled={folder === undefined} loading={give.busy}>
              Give
            </Button>
          </Group>
        </form>
      )}
    </section>
  )
}
