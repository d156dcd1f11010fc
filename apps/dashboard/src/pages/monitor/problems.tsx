import { Table, Text, Title } from '@mantine/core'
import { toldApart } from '../../live/node-names.ts'
import { useLive } from '../../live/use-live.ts'
import { plural } from '../../parts/format.ts'
import { Name } from '../../parts/name.tsx'
import { PathText } from '../../parts/path-text.tsx'
import { problemRows, problemsAsCsv } from './export.ts'
import { SaveButtons } from './save-buttons.tsx'
import { adviceFor, problemsOf } from './under-way.ts'
import look from './monitor.module.css'

/** What could not be done, where, why, and what to do about it. */
export function Problems() {
  const nodes = useLive((state) => state.nodes)
  const problems = problemsOf(toldApart(nodes.values()))
  const byCode = Map.groupBy(problems, ({ code }) => code)
  return (
    <section aria-labelledby="problems-title">
      <div className={look.head}>
        <Title order={2} id="problems-title">
          Problems
        </Title>
        {problems.length > 0 && (
          <SaveButtons name="problems" rows={() => problemRows(problems)} asCsv={problemsAsCsv} />
        )}
      </div>
      {problems.length === 0 ? (
        <Text size="sm" c="dimmed">
          No node has reported a problem.
        </Text>
      ) : (
        <>
          <Text size="sm" mb="xs">
            {[...byCode].map(([code, all]) => `${plural(all.length, 'time')} ${code}`).join(', ')}
          </Text>
          <Table.ScrollContainer minWidth={640}>
            <Table verticalSpacing={6} fz="sm">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>Node</Table.Th>
                  <Table.Th>Path</Table.Th>
                  <Table.Th>Why</Table.Th>
                  <Table.Th>What to do</Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {problems.slice(0, 200).map(({ node, folder, path, code, message }) => (
                  <Table.Tr key={`${node.id} ${folder} ${path} ${code}`}>
                    <Table.Td fw={600}>
                      <Name text={node.name} />
                    </Table.Td>
                    <Table.Td>{path === '' ? folder : <PathText path={path} most={40} />}</Table.Td>
                    <Table.Td>
                      <Name text={message} /> ({code})
                    </Table.Td>
                    <Table.Td>{adviceFor(code)}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </>
      )}
    </section>
  )
}
