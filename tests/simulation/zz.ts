import { arrive } from './arrival-order.ts'
const acts = JSON.parse(process.argv[2]!),
  arrival = JSON.parse(process.argv[3]!)
const r = await arrive(
  acts.map((a: any) => [a]),
  arrival,
)
console.log(r.differences.join('\n'), '\n', r.trace)
