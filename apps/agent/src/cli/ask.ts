import { createInterface } from 'node:readline/promises'
import { ReadStream } from 'node:tty'
import { SyncError } from '@causeway/protocol'
import type { Terminal } from './terminal.ts'

type Asking = Pick<Terminal, 'stdin' | 'warn' | 'interrupted'>

/** True where a person sits at stdin, and can be asked. */
export function canAsk({ stdin }: Pick<Terminal, 'stdin'>): boolean {
  return stdin instanceof ReadStream && stdin.isTTY
}

/** Asks for a line. */
export async function ask({ stdin, warn, interrupted }: Asking, question: string): Promise<string> {
  warn(question)
  const lines = createInterface({ input: stdin, terminal: false })
  try {
    return await lines.question('', { signal: interrupted })
  } finally {
    lines.close()
  }
}

/** Asks for a line of which nothing is shown while it is typed. */
export async function askHidden({ stdin, warn, interrupted }: Asking, question: string): Promise<string> {
  if (!(stdin instanceof ReadStream)) throw new SyncError('internal', 'nobody can be asked here')
  warn(question)
  const typed = new HiddenLine()
  stdin.setRawMode(true).setEncoding('utf8').resume()
  try {
    return await new Promise<string>((resolve, reject) => {
      interrupted.addEventListener('abort', () => reject(interrupted.reason), { once: true })
      stdin.on('data', (text) => {
        const outcome = typed.take(String(text))
        if (outcome === 'done') resolve(typed.line)
        else if (outcome === 'cancelled') reject(new SyncError('bad-request', 'cancelled'))
      })
    })
  } finally {
    stdin.removeAllListeners('data').setRawMode(false).pause()
  }
}

/** What somebody types where the terminal does nothing with it. */
export class HiddenLine {
  #letters: string[] = []

  get line(): string {
    return this.#letters.join('')
  }

  take(text: string): 'more' | 'done' | 'cancelled' {
    for (const letter of text) {
      if (letter === '\r' || letter === '\n') return 'done'
      if (letter === '\u0003' || letter === '\u0004') return 'cancelled'
      if (letter === '\u007F' || letter === '\b') this.#letters.pop()
      else if (letter === '\u0015') this.#letters = []
      else if (letter >= ' ') this.#letters.push(letter)
    }
    return 'more'
  }
}

/** All that is piped in, as lines. */
export async function pipedLines({ stdin }: Pick<Terminal, 'stdin'>): Promise<string[]> {
  let text = ''
  for await (const piece of stdin) {
    text += String(piece)
    if (text.length > MOST_PIPED) throw new SyncError('too-large', 'stdin has more than a name and a password need')
  }
  return text.split(/\r?\n/)
}

const MOST_PIPED = 10_000
