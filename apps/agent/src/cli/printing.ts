import { printable } from '@causeway/protocol'

export { printable }

/**
 * The only way to the terminal. What is printed comes from coordinators, from
 * other people's file names and from the system: nothing in it may steer the
 * terminal, hide what it says, or pass for a line of its own.
 */
export interface Printing {
  /** One line to stdout. */
  print(line: string): void
  /** One line to stderr. */
  warn(line: string): void
  /** A value to stdout, for programs: JSON that a terminal can show, too. */
  printJson(value: unknown): void
  /** Puts a line in the place of the last one; only where people watch. */
  redraw(line: string): void
  /** Leaves the line that was last drawn standing. */
  endRedrawing(): void
}

export interface Streams {
  out(text: string): void
  err(text: string): void
}

export function createPrinting({ out, err }: Streams): Printing {
  return {
    print: (line) => out(`${printable(line)}\n`),
    warn: (line) => err(`${printable(line)}\n`),
    printJson(value) {
      const lines = JSON.stringify(value, undefined, 2).split('\n')
      out(`${lines.map(printable).join('\n')}\n`)
    },
    redraw: (line) => out(`\r\u001b[K${printable(line)}`),
    endRedrawing: () => out('\n'),
  }
}
