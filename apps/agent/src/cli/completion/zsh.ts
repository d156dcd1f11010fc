import { shellQuoted } from '@causeway/protocol'
import type { Completed, CompletedCommand, Completion } from './completion-of.ts'

/** A script for zsh with its completion system. */
export function zshScript({ commands }: Completion): string {
  return `#compdef causeway
# Completes "causeway" in zsh: source <(causeway completion zsh)
_causeway() {
  local program=$words[1]
  local -a commands
  commands=(
${commands.map(({ name, help }) => `    ${shellQuoted(`${name}:${help}`)}`).join('\n')}
  )
  if (( CURRENT == 2 )); then
    _describe -t commands command commands
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
${commands.map(caseOf).join('\n')}
  esac
}

_causeway_folders() {
  local -a names
  names=(\${(f)"$($program folder-names 2>/dev/null)"})
  compadd -a names
}

if [[ $funcstack[1] == _causeway ]]; then
  _causeway "$@"
else
  compdef _causeway causeway
fi`
}

function caseOf({ name, options, argument }: CompletedCommand): string {
  const specs = options.map((option) => {
    const value = option.value === null ? '' : `:value:${completed(option.value)}`
    return shellQuoted(`${option.name}[${option.help.replaceAll(/[[\]:]/g, '')}]${value}`)
  })
  if (argument !== null) specs.push(shellQuoted(`*:${name}:${completed(argument)}`))
  return `    ${name}) _arguments ${specs.join(' ')} ;;`
}

function completed(what: Completed): string {
  switch (what.kind) {
    case 'directories':
      return '_files -/'
    case 'files':
      return '_files'
    case 'folders':
      return '_causeway_folders'
    case 'words':
      return `(${what.words.join(' ')})`
    case 'anything':
      return ' '
  }
}
