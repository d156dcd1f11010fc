import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startCoordinator, type Coordinator } from '../support/coordinator.ts'
import type { Lifetime } from '../support/lifetime.ts'
import { openCoordinatorTrial } from './coordinator-trial.ts'
import { openHousekeepingTrial } from './housekeeping-trial.ts'
import { openNodeTrial } from './node-trial.ts'
import { SCENARIOS } from './scenarios.ts'
import type { Trial } from './trial.ts'

/** A scenario of one kind of process, by name: `receive/ring3`. */
export interface TrialKind {
  readonly name: string
  readonly open: (life: Lifetime, shared: Shared) => Promise<Trial>
}

/** What node trials share: a coordinator that nothing happens to. */
export interface Shared {
  readonly coordinator: Coordinator
}

/** One that stands for the others, where the scenario makes no difference. */
const STARTING = 'edit'

export const TRIALS: readonly TrialKind[] = [
  ...(['receive', 'send'] as const).flatMap((role) =>
    SCENARIOS.map((scenario) => ({
      name: `${role}/${scenario.name}`,
      open: async (life: Lifetime, { coordinator }: Shared) =>
        openNodeTrial(life, { coordinator, scenario, role, scratch: await scratchDirectory(life) }),
    })),
  ),
  ...SCENARIOS.map((scenario) => ({
    name: `commit/${scenario.name}`,
    open: async (life: Lifetime) =>
      openCoordinatorTrial(life, { scenario, during: 'commit', scratch: await scratchDirectory(life) }),
  })),
  ...SCENARIOS.filter(({ name }) => name === STARTING).map((scenario) => ({
    name: `start/${scenario.name}`,
    open: async (life: Lifetime) =>
      openCoordinatorTrial(life, { scenario, during: 'start', scratch: await scratchDirectory(life) }),
  })),
  {
    name: 'housekeeping',
    open: async (life: Lifetime) => openHousekeepingTrial(life, await scratchDirectory(life)),
  },
]

/** Those of a name, or of its last part: `ring3` is every kind of process in that scenario. */
export function trialsNamed(names: readonly string[]): TrialKind[] {
  if (names.length === 0) return [...TRIALS]
  return names.flatMap((wanted) => {
    const found = TRIALS.filter(({ name }) => name === wanted || name.split('/').includes(wanted))
    if (found.length === 0)
      throw new Error(`there is no scenario ${wanted}: ${TRIALS.map(({ name }) => name).join(', ')}`)
    return found
  })
}

export async function openShared(life: Lifetime): Promise<Shared> {
  return { coordinator: await startCoordinator(life, { dataDir: join(await scratchDirectory(life), 'coordinator') }) }
}

async function scratchDirectory(life: Lifetime): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-crash-'))
  life.add(() => rm(directory, { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }))
  return directory
}
