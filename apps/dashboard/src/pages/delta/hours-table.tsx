import { Table, Text } from '@mantine/core'
import { bytes, minute, plural } from '../../parts/format.ts'
import type { HourPoint } from './savings-model.ts'

const MOST_ROWS = 200

/** The chart's numbers, newest hour first. */
export function HoursTable({ points }: { readonly points: readonly HourPoint[] }) {
  return (
    <details>
      <summary style={{ cursor: 'pointer', fontSize: 13 }}>
        The same as a table ({plural(points.length, 'hour')})
      </summary>
      <Table.ScrollContainer minWidth={720}>
        <Table fz="sm" verticalSpacing={4} aria-label="What crossed, hour by hour">
          <Table.Thead>
            <Table.Tr>
              {['Hour', 'On the wire', 'By reuse', 'By deltas', 'By compression', 'Whole files'].map((head, index) => (
                <Table.Th key={head} ta={index === 0 ? 'left' : 'right'}>
                  {head}
                </Table.Th>
              ))}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {points
              .slice(-MOST_ROWS)
              .toReversed()
              .map(({ atMs, wire, byReuse, byDelta, byCompression, wholeFile }) => (
                <Table.Tr key={atMs}>
                  <Table.Td>{minute(atMs)}</Table.Td>
                  {[wire, byReuse, byDelta, byCompression, wholeFile].map((value, index) => (
                    <Table.Td key={index} ta="right">
                      {bytes(value)}
                    </Table.Td>
                  ))}
                </Table.Tr>
              ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {points.length > MOST_ROWS && (
        <Text size="xs" c="dimmed">
          The newest {MOST_ROWS} are here; choose a shorter time to see others.
        </Text>
      )}
    </details>
  )
}
