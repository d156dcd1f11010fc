import type { Command, Option } from 'commander'

/** What can stand at one place of a command line. */
export type Completed =
  | { readonly kind: 'directories' }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'words'; readonly words: readonly string[] }
  /** Something that nobody can guess. */
  | { readonly kind: 'anything' }

export interface CompletedOption {
  /** `--state`; short forms stand in `help` only. */
  readonly name: string
  readonly help: string
  /** What comes after it; null where nothing does. */
  readonly value: Completed | null
}

export interface CompletedCommand {
  readonly name: string
  readonly help: string
  readonly options: readonly CompletedOption[]
  /** What its arguments are, all of them; null where it takes none. */
  readonly argument: Completed | null
}

/** What the scripts of all shells are made from. */
export interface Completion {
  readonly commands: readonly CompletedCommand[]
}

/** Read off the definitions of the commands themselves, so that it can't go stale. */
export function completionOf(program: Command): Completion {
  const help = program.createHelp()
  const commands = help.visibleCommands(program).map((command) => {
    const [argument] = command.registeredArguments
    const options = help.visibleOptions(command).flatMap(optionOf)
    return {
      name: command.name(),
      help: firstSentence(command.description()),
      options,
      argument: argument === undefined ? null : placeOf(argument.name(), argument.argChoices),
    }
  })
  return { commands: commands.filter(({ name }) => name !== 'help') }
}

function optionOf(option: Option): readonly CompletedOption[] {
  const { long, flags, description, argChoices } = option
  if (long === undefined || long === null) return []
  const value = /<([\w-]+)>/.exec(flags)?.[1]
  return [
    { name: long, help: firstSentence(description), value: value === undefined ? null : placeOf(value, argChoices) },
  ]
}

/** A placeholder's name says what it stands for, to people and here. */
function placeOf(name: string, choices: readonly string[] | undefined): Completed {
  if (choices !== undefined) return { kind: 'words', words: choices }
  if (name === 'dir' || name === 'link-and-dir') return { kind: 'directories' }
  if (name === 'file' || name === 'path') return { kind: 'files' }
  if (name === 'folder') return { kind: 'folders' }
  return { kind: 'anything' }
}

/** Short enough for one line beside the word, and without what shells read as theirs. */
function firstSentence(text: string): string {
  const sentence = text.split(/[:;(]|\. /, 1)[0] ?? ''
  return sentence.trim()
}
