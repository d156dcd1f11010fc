import { mkdtempSync, openSync, closeSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { statAt } from './disk-stat.ts'

test.runIf(process.platform === 'linux')('what the disk refuses to look at is named with its whole path', () => {
  const directory = mkdtempSync(join(tmpdir(), 'causeway-stat-'))
  const fd = openSync(directory, 'r')
  try {
    // The system refuses a name that is too long, whoever asks.
    const name = 'x'.repeat(300)
    expect(() => statAt({ fd, prefix: `/proc/self/fd/${fd}` }, name)).toThrow(`cannot look at ${directory}/${name}: `)
    expect(() => statAt({ fd: -1, prefix: directory }, name)).toThrow(`cannot look at ${directory}/${name}: `)
  } finally {
    closeSync(fd)
    rmSync(directory, { recursive: true })
  }
})
