import { Kbd, Modal, Table } from '@mantine/core'
import { useEffect, useState } from 'react'
import { onHelp } from './key-help.ts'
import { MORE_PAGES, TABS } from './tabs.ts'

const KEYS: readonly (readonly [keys: readonly string[], meaning: string])[] = [
  [['Ctrl K'], 'Go to a page, a node or a file'],
  ...[...TABS, ...MORE_PAGES].map(({ key, label }) => [[`g ${key}`], label] as const),
  [['/'], 'Search files'],
  [['j', 'k', '↑', '↓'], 'Move in a list'],
  [['←', '→'], 'Collapse and expand a directory in the tree'],
  [['Enter'], 'Open'],
  [['Space'], 'Select'],
  [['Ctrl A'], 'Select all'],
  [['F2'], 'Rename'],
  [['Backspace'], 'Go to the parent directory'],
  [['Delete'], 'Delete the selection'],
  [['n'], 'Next conflict, in Vector Clocks'],
  [['?'], 'This list'],
]

/** What the keys do; shown when somebody asks for it. */
export function KeyList() {
  const [opened, setOpened] = useState(false)
  useEffect(() => onHelp(() => setOpened(true)), [])
  return (
    <Modal opened={opened} onClose={() => setOpened(false)} title="Keys" closeButtonProps={{ 'aria-label': 'Close' }}>
      <Table variant="vertical" withRowBorders={false} verticalSpacing={4}>
        <Table.Tbody>
          {KEYS.map(([keys, meaning]) => (
            <Table.Tr key={meaning}>
              <Table.Th w={140} scope="row" style={{ background: 'none' }}>
                {keys.map((key) => (
                  <Kbd key={key} mr={4}>
                    {key}
                  </Kbd>
                ))}
              </Table.Th>
              <Table.Td>{meaning}</Table.Td>
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Modal>
  )
}
