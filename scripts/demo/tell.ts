import { duration } from '../../apps/agent/src/cli/format.ts'
import { diskWords } from './disk-words.ts'
import type { FleetEvents } from './fleet.ts'
import type { DemoOptions } from './options.ts'
import { probeDisk } from './probe-disk.ts'

const WIDTH = 'coordinator'.length

/** Prints a line for every change of a node's status, and for every process that ended and came back. */
export function printEvents(options: DemoOptions): FleetEvents {
  const last = new Map<string, string>()
  const tell = (name: string, line: string): void => {
    if (last.get(name) === line) return
    last.set(name, line)
    console.log(`  ${name.padEnd(WIDTH)}  ${line}`)
  }
  async function tellDisk(lastWords: string): Promise<void> {
    const said = diskWords(lastWords, options.dir, 'tries-again')
    const words = said ?? diskWords(await probeDisk(options.dir), options.dir, 'tries-again')
    if (words !== undefined) console.log(`    ${words}`)
  }

  return {
    line: tell,
    ended({ name, how, lastWords, againInMs }) {
      tell(name, `▲ ${how}. It is started again in ${duration(againInMs / 1000)}; the others go on.`)
      if (lastWords !== '' && !how.startsWith('was ended')) console.log(lastWords)
      void tellDisk(lastWords)
    },
    noRoom: (error) =>
      tell('coordinator', `▲ can't start. ${diskWords(error, options.dir, 'tries-again') ?? error.message}`),
    back: (name) => tell(name, '✓ runs again'),
  }
}
