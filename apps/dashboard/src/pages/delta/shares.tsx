import { Text, Title } from '@mantine/core'
import type { HourSavings } from '@causeway/protocol'
import { bytes } from '../../parts/format.ts'
import { HowBar } from './how-bar.tsx'
import { savedWords, sharesBy, type Share } from './savings-model.ts'
import look from './delta.module.css'

const MOST = 8

/** The same sums by folder, by node and by direction. */
export function Shares(props: {
  readonly rows: readonly HourSavings[]
  folderName(folder: string): string
  nodeName(node: string): string
}) {
  const { rows, folderName, nodeName } = props
  return (
    <div className={look.shares}>
      <Block title="By folder" shares={sharesBy(rows, ({ folder }) => folderName(folder))} />
      <Block title="By node" shares={sharesBy(rows, ({ node }) => nodeName(node))} />
      <Block
        title="By direction"
        shares={sharesBy(rows, ({ direction }) => (direction === 'up' ? '↑ to the coordinator' : '↓ to the nodes'))}
      />
    </div>
  )
}

function Block({ title, shares }: { readonly title: string; readonly shares: readonly Share[] }) {
  return (
    <section>
      <Title order={2}>{title}</Title>
      <ul className={look.list}>
        {shares.slice(0, MOST).map(({ name, total }) => (
          <li key={name} className={look.share}>
            <Text span size="sm" truncate title={name}>
              {name}
            </Text>
            <span className={look.number}>
              {bytes(total.logicalBytes)} → {bytes(total.wireBytes)}, {savedWords(total)}
            </span>
            <HowBar savings={total} />
          </li>
        ))}
      </ul>
      {shares.length > MOST && (
        <Text size="xs" c="dimmed" mt={4}>
          And {shares.length - MOST} more that saved less.
        </Text>
      )}
    </section>
  )
}
