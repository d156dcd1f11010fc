import { createSleep, systemClock, systemTimers } from '@causeway/time'
import { backup, restore } from './backup.ts'
import { migrate, reopen } from './migrate.ts'
import type { MovingRequest } from './moving-options.ts'
import type { MovingPorts } from './moving-ports.ts'
import { createProgress } from './progress.ts'

/** Runs one of the commands that copy installations. What it opened is closed again in reverse, also where it fails. */
export async function runMoving(request: MovingRequest, say: (line: string) => void): Promise<void> {
  const closers: (() => Promise<void>)[] = []
  const ports: MovingPorts = {
    say,
    progress: createProgress({ now: systemTimers.now, say }),
    now: () => new Date(systemClock.now()).toISOString(),
    sleep: createSleep(systemTimers),
    opened: (close) => closers.push(close),
  }
  try {
    await run(request, ports)
  } finally {
    for (const close of closers.splice(0).reverse()) await close()
  }
}

function run(request: MovingRequest, ports: MovingPorts): Promise<void> {
  switch (request.kind) {
    case 'help':
      ports.say(request.text.trimEnd())
      return Promise.resolve()
    case 'migrate':
      return migrate(request, ports)
    case 'reopen':
      return reopen(request.place, ports)
    case 'backup':
      return backup(request, ports)
    case 'restore':
      return restore(request, ports)
  }
}
