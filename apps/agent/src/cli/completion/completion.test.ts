import { execFile, spawnSync } from 'node:child_process'
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { Argument, Command, Option } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { bashScript } from './bash.ts'
import { completionOf } from './completion-of.ts'
import { fishScript } from './fish.ts'
import { zshScript } from './zsh.ts'

function program(): Command {
  const made = new Command('causeway')
  made
    .command('join')
    .description("enrol this machine: it's done")
    .argument('<link-and-dir...>')
    .option('--state <dir>')
  made
    .command('invite')
    .description('print a link [once]')
    .addOption(new Option('--access <access>', 'what it may do').choices(['read-write', 'send-only']))
    .option('--json', 'as JSON')
  made.command('resume').description('go on').argument('<folder>').option('--minutes <count>', 'how long')
  made.command('history').description('versions').argument('<path>')
  made.command('completion').addArgument(new Argument('<shell>').choices(['bash', 'zsh']))
  made.command('secret', { hidden: true })
  return made
}

const COMPLETION = completionOf(program())
let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'causeway-completion-'))
  await mkdir(join(scratch, 'some directory'))
  await writeFile(join(scratch, 'some file'), '')
  await writeFile(join(scratch, 'bash.sh'), bashScript(COMPLETION))
  await writeFile(join(scratch, '_causeway'), zshScript(COMPLETION))
  await writeFile(join(scratch, 'causeway.fish'), fishScript(COMPLETION))
  // Stands for the program: the scripts ask it for the folders' names.
  await writeFile(join(scratch, 'causeway'), '#!/bin/sh\n[ "$1" = folder-names ] && printf "papers\\npet photos\\n"\n')
  await chmod(join(scratch, 'causeway'), 0o755)
})

afterAll(() => rm(scratch, { recursive: true }))

test('commands, options and what stands behind them are read off their definitions; hidden ones are left out', () => {
  expect(COMPLETION.commands.map(({ name }) => name)).toEqual(['join', 'invite', 'resume', 'history', 'completion'])
  const [join, invite] = COMPLETION.commands
  expect(join).toMatchObject({ help: 'enrol this machine', argument: { kind: 'directories' } })
  expect(invite?.options.map(({ name, value }) => [name, value?.kind ?? null])).toEqual([
    ['--access', 'words'],
    ['--json', null],
    ['--help', null],
  ])
})

const CASES: readonly (readonly [line: string, words: readonly string[]])[] = [
  ['causeway ', ['join', 'invite', 'resume', 'history', 'completion']],
  ['causeway re', ['resume']],
  ['causeway invite --a', ['--access']],
  ['causeway invite --access s', ['send-only']],
  ['causeway completion z', ['zsh']],
  ['causeway join so', ['some directory']],
  ['causeway history so', ['some directory', 'some file']],
  ['causeway resume p', ['papers', 'pet photos']],
]

describe.runIf(has('bash'))('bash', () => {
  test.each(CASES)('completes "%s"', async (line, words) => {
    const given = line.split(' ')
    const script = `source ./bash.sh; COMP_WORDS=(${given.map((word) => `'${word}'`).join(' ')})
      COMP_CWORD=${given.length - 1}; PATH=$PWD:$PATH; _causeway; printf '%s\\n' "\${COMPREPLY[@]}"`
    const { stdout } = await promisify(execFile)('bash', ['--norc', '-c', script], { cwd: scratch })
    expect(
      lines(stdout)
        .map((word) => word.replaceAll('\\', ''))
        .sort(),
    ).toEqual([...words].sort())
  })
})

describe.runIf(has('fish'))('fish', () => {
  test.each(CASES)('completes "%s"', async (line, words) => {
    const script = `set -x PATH $PWD $PATH; source ./causeway.fish; complete -C '${line}'`
    const environment = { ...process.env, HOME: scratch }
    const { stdout } = await promisify(execFile)('fish', ['--no-config', '-c', script], {
      cwd: scratch,
      env: environment,
    })
    const found = lines(stdout).map((text) => (text.split('\t')[0] ?? '').replaceAll('\\', '').replace(/\/$/, ''))
    expect(found.sort()).toEqual([...words].sort())
  })
})

describe.runIf(has('zsh'))('zsh', () => {
  test('takes the script and completes with it', async () => {
    const script = `autoload -U compinit; compinit -u -D; source ./_causeway; print $_comps[causeway]`
    const { stdout } = await promisify(execFile)('zsh', ['-f', '-c', script], { cwd: scratch })
    expect(stdout.trim()).toBe('_causeway')
    const { stderr } = await promisify(execFile)('zsh', ['-f', '-n', './_causeway'], { cwd: scratch })
    expect(stderr).toBe('')
  })
})

function has(shell: string): boolean {
  return spawnSync(shell, ['-c', 'true']).status === 0
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '')
}
