import type { Completed, Completion } from './completion-of.ts'

/** A script for fish 3 and newer. */
export function fishScript({ commands }: Completion): string {
  const lines = commands.flatMap(({ name, help, options, argument }) => {
    const within = `-n '__fish_seen_subcommand_from ${name}'`
    return [
      `complete -c causeway -n __fish_use_subcommand -a ${name} -d ${quoted(help)}`,
      ...options.map((option) => {
        const value = option.value === null ? '' : ` ${valueOf(option.value)}`
        return `complete -c causeway ${within} -l ${option.name.slice(2)}${value} -d ${quoted(option.help)}`
      }),
      ...(argument === null ? [] : [argumentOf(within, argument)]),
    ]
  })
  return [
    '# Completes "causeway" in fish: causeway completion fish | source',
    'complete -c causeway -f',
    'complete -c causeway -n __fish_use_subcommand -l help -d "display help"',
    'complete -c causeway -n __fish_use_subcommand -l version -d "output the version"',
    ...lines.filter((line) => line !== ''),
  ].join('\n')
}

function argumentOf(within: string, argument: Completed): string {
  if (argument.kind === 'files') return `complete -c causeway ${within} -F`
  const choices = choicesOf(argument)
  return choices === null ? '' : `complete -c causeway ${within} -a ${choices}`
}

function valueOf(value: Completed): string {
  if (value.kind === 'files') return '-r -F'
  const choices = choicesOf(value)
  return choices === null ? '-x' : `-x -a ${choices}`
}

function choicesOf(what: Completed): string | null {
  switch (what.kind) {
    case 'directories':
      return "'(__fish_complete_directories)'"
    case 'folders':
      return "'(causeway folder-names 2>/dev/null)'"
    case 'words':
      return quoted(what.words.join(' '))
    case 'files':
    case 'anything':
      return null
  }
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
