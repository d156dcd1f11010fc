import { Button, Group, Select, Text } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'
import { toldApart } from '../../live/node-names.ts'
import { useLive } from '../../live/use-live.ts'
import { isolated } from '../../parts/isolated.ts'
import { OfferLine } from '../../parts/offer-line.tsx'
import { offerOf, takersOf } from './givable.ts'
import { RIGHTS, rightOf } from './rights.ts'

/** Gives a folder to a node that does not carry it, and shows which have still to say where. */
export function GiveFolder({ folder }: { readonly folder: FolderView }) {
  const nodes = useLive((state) => state.nodes)
  const all = toldApart(nodes.values()).toSorted((a, b) => a.name.localeCompare(b.name))
  const takers = takersOf(folder.id, all)
  const [chosen, setChosen] = useState<string | null>(null)
  const [right, setRight] = useState<string | null>('read-write')
  const node = takers.find(({ id }) => id === chosen)
  const give = useAction('give the folder to the node', async () => {
    if (node === undefined) return
    await client.giveFolder(folder.id, node.id, rightOf(right))
    setChosen(null)
  })
  function submit(event: FormEvent): void {
    event.preventDefault()
    void give.run()
  }
  return (
    <div>
      {all.map((one) => {
        const offer = offerOf(folder.id, one)
        return offer && <OfferLine key={one.id} folder={folder} node={one} offer={offer} of="node" />
      })}
      {takers.length === 0 ? (
        <Text size="sm" c="dimmed" mt="sm">
          There is no other node to give it to. Add another machine with Add node on Overview.
        </Text>
      ) : (
        <form onSubmit={submit}>
          <Group align="end" gap="sm" mt="sm">
            <Select
              label="Give it to another node"
              placeholder="Choose a node"
              maw={220}
              data={takers.map(({ id, name }) => ({ value: id, label: isolated(name) }))}
              value={node?.id ?? null}
              onChange={setChosen}
            />
            <Select
              label="Rights"
              maw={200}
              data={[...RIGHTS]}
              value={right}
              allowDeselect={false}
              onChange={setRight}
            />
            <Button type="submit" variant="default" disabled={node === undefined} loading={give.busy}>
              Give
            </Button>
          </Group>
        </form>
      )}
    </div>
  )
}
