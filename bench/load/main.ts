import { writeFile } from 'node:fs/promises'
import { describeMachine } from '../support/machine.ts'
import { LOAD_HELP, parseLoadArgs } from './args.ts'
import { measureMemory, memoryReportOf } from './memory.ts'
import { reportOf } from './report.ts'
import { runLoad, type LoadResult } from './run.ts'

const options = parseLoadArgs(process.argv.slice(2))
if (options === 'help') process.stdout.write(LOAD_HELP)
else if (options.memory !== undefined) {
  const machine = describeMachine()
  process.stdout.write(`${machine}\n\n`)
  const results = await measureMemory(options.memory)
  for (const result of results) process.stdout.write(`${memoryReportOf(result)}\n`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ machine, results }, null, 1)}\n`)
} else {
  const machine = describeMachine()
  process.stdout.write(`${machine}\n\n`)
  const results: LoadResult[] = []
  for (const nodes of options.nodes) {
    for (const subject of options.cluster === undefined ? ['one' as const] : ['one' as const, 'cluster' as const]) {
      const result = await runLoad(options, nodes, subject)
      results.push(result)
      process.stdout.write(`${reportOf(result)}\n\n`)
    }
  }
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify({ machine, results }, null, 1)}\n`)
}
