import { Button, Group, TextInput } from '@mantine/core'
import type { NodeView } from '@causeway/protocol'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useAction } from '../../data/use-action.ts'

/** What people call a node. Its id stays, and so does all that was said under it. */
export function RenameNode({ node }: { readonly node: NodeView }) {
  const [name, setName] = useState(node.name)
  const rename = useAction('rename the node', () => client.renameNode(node.id, name.trim()))
  const wanted = name.trim()
  function submit(event: FormEvent): void {
    event.preventDefault()
    void rename.run()
  }
  return (
    <form onSubmit={submit}>
      <Group align="end" gap="sm" wrap="nowrap">
        <TextInput
          label="Name"
          flex={1}
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
          required
        />
        <Button type="submit" variant="default" loading={rename.busy} disabled={wanted === '' || wanted === node.name}>
          Rename
        </Button>
      </Group>
    </form>
  )
}
