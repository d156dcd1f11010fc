import { Button, Group, NumberInput, Switch } from '@mantine/core'
import type { NodeView } from '@causeway/protocol'
import { useQuery } from '@tanstack/react-query'
import { useState, type FormEvent } from 'react'
import { client } from '../../data/client.ts'
import { useRefetchOnEvents } from '../../data/folders.ts'
import { useAction } from '../../data/use-action.ts'
import { GIGABYTE, gigabytes, sentWords } from '../settings/limit-words.ts'

/** How much new a node may bring within a day, over all folders. */
export function LimitNode({ node }: { readonly node: NodeView }) {
  const { dailyBytes = null } = node
  // What a node sends does not change what is known of it: it is asked for.
  useRefetchOnEvents(['node', node.id])
  const { data: now = node } = useQuery({
    queryKey: ['node', node.id, dailyBytes],
    queryFn: () => client.node(node.id),
    staleTime: 0,
  })
  const [isLimited, setLimited] = useState(dailyBytes !== null)
  const [limit, setLimit] = useState<number | string>(gigabytes(dailyBytes ?? 100 * GIGABYTE))
  const wanted = isLimited ? Math.round(Number(limit) * GIGABYTE) : null
  const save = useAction('change the limit', () => client.limitNode(node.id, wanted))
  function submit(event: FormEvent): void {
    event.preventDefault()
    void save.run()
  }
  return (
    <form onSubmit={submit}>
      <Group align="end" gap="sm" wrap="nowrap">
        <NumberInput
          label="May send at most"
          description={sentWords(now)}
          flex={1}
          suffix=" GB a day"
          min={0}
          decimalScale={3}
          value={limit}
          onChange={setLimit}
          disabled={!isLimited}
          required
        />
        <Button
          type="submit"
          variant="default"
          loading={save.busy}
          disabled={wanted === dailyBytes || (isLimited && limit === '')}
        >
          Save limit
        </Button>
      </Group>
      <Switch
        mt="xs"
        label="No daily limit"
        checked={!isLimited}
        onChange={(event) => setLimited(!event.currentTarget.checked)}
      />
    </form>
  )
}
