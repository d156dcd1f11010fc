import { expect, test } from 'vitest'
import { panel, type Standing } from './panel.ts'
import type { Waiting } from './waiting.ts'

const HALT: Waiting = {
  key: 'halt atlas demo',
  name: 'the halt of atlas in demo',
  what: 'atlas is halted in demo.',
  page: 'http://127.0.0.1:3000/#halts',
  commands: [{ command: 'bin/causeway resume demo', meaning: 'the deletion was meant' }],
}

test('what waits for a person comes before whether everything is in sync, and is named with its ways on', () => {
  expect(headline({ waiting: [], isInSync: true })).toBe('Causeway is running, and everything is in sync.')
  expect(headline({ waiting: [], isInSync: false })).toBe('Causeway is running, and still syncing.')
  for (const isInSync of [true, false]) {
    expect(headline({ waiting: [HALT], isInSync })).toBe('Causeway is running. One thing waits for you:')
    expect(headline({ waiting: [HALT, HALT], isInSync })).toBe('Causeway is running. 2 things wait for you:')
  }
  const shown = shownFor({ waiting: [HALT], isInSync: false })
  for (const words of ['▲ atlas is halted in demo.', HALT.page, 'bin/causeway resume demo   (the deletion was meant)'])
    expect(shown).toContain(words)
})

test('scripts are told where their token is, where one is needed', () => {
  const of = (tokenFile: string | null) => shownFor({ waiting: [], isInSync: true, tokenFile })
  expect(of('demo/coordinator/admin.token')).toContain('Scripts send the token in demo/coordinator/admin.token.')
  expect(of(null)).not.toContain('token')
})

function headline(standing: Pick<Standing, 'waiting' | 'isInSync'>): string | undefined {
  return shownFor(standing).match(/Causeway is running.*?(?=\s+│)/)?.[0]
}

function shownFor(standing: Pick<Standing, 'waiting' | 'isInSync'> & Partial<Standing>): string {
  const door = { address: 'http://127.0.0.1:3000' }
  return panel({ nodes: [], url: 'http://127.0.0.1:8000', door, tokenFile: null, ...standing })
}
