import type { Completed, CompletedCommand, Completion } from './completion-of.ts'

/** A script for bash 3.2 and newer. */
export function bashScript({ commands }: Completion): string {
  const values = commands.flatMap(({ name, options }) =>
    options.flatMap((option) =>
      option.value === null ? [] : [`    ${name}:${option.name}) ${completed(option.value)}; return ;;`],
    ),
  )
  return `# Completes "causeway" in bash: source <(causeway completion bash)
_causeway() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} command= at
  local IFS=$'\\n'
  COMPREPLY=()
  for ((at = 1; at < COMP_CWORD; at++)); do
    case \${COMP_WORDS[at]} in
      -*) ;;
      *) command=\${COMP_WORDS[at]}; break ;;
    esac
  done
  case $command:$prev in
${values.join('\n')}
  esac
  if [[ $cur == -* ]]; then
    case $command in
      '') ${words(['--help', '--version'])} ;;
${commands.map((command) => `      ${command.name}) ${words(command.options.map(({ name }) => name))} ;;`).join('\n')}
    esac
    return
  fi
  case $command in
    '') ${words(commands.map(({ name }) => name))} ;;
${commands.flatMap(argumentOf).join('\n')}
  esac
}

_causeway_paths() {
  compopt -o filenames 2>/dev/null
  COMPREPLY=($(compgen "$1" -- "$cur"))
}

_causeway_folders() {
  local name
  while read -r name; do
    [[ $name == "$cur"* ]] && COMPREPLY+=("$(printf %q "$name")")
  done < <("\${COMP_WORDS[0]}" folder-names 2>/dev/null)
}

complete -F _causeway causeway`
}

function argumentOf({ name, argument }: CompletedCommand): readonly string[] {
  return argument === null || argument.kind === 'anything' ? [] : [`    ${name}) ${completed(argument)} ;;`]
}

function completed(what: Completed): string {
  switch (what.kind) {
    case 'directories':
      return '_causeway_paths -d'
    case 'files':
      return '_causeway_paths -f'
    case 'folders':
      return '_causeway_folders'
    case 'words':
      return words(what.words)
    case 'anything':
      return ':'
  }
}

function words(all: readonly string[]): string {
  return `COMPREPLY=($(compgen -W $'${all.join('\\n')}' -- "$cur"))`
}
