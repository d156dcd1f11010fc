import { folderWord, problemAdvice, type FolderView, type MembershipView, type NodeView } from '@causeway/protocol'
import { plural } from '../../apps/agent/src/cli/format.ts'
import { printable } from '../../apps/agent/src/cli/printing.ts'

/** Something that waits for a person while the demo runs. The same thing has the same key. */
export interface Waiting {
  readonly key: string
  /** One sentence or two. */
  readonly what: string
  /** The same as a thing that is over. */
  readonly name: string
  /** The page where it is settled. */
  readonly page: string
  /** The commands that settle it or tell more, each with what it is for. */
  readonly commands: readonly { readonly command: string; readonly meaning: string }[]
}

export interface Places {
  /** The dashboard's address, without a slash at its end. */
  readonly dashboard: string
  /** The state directory of a node, by its name, as a person types it. */
  readonly stateOf: (node: string) => string
}

/** All that waits for a person, most pressing first: halts, conflicts, problems. */
export function whatWaits(
  folders: readonly FolderView[],
  nodes: readonly NodeView[],
  places: Places,
): readonly Waiting[] {
  const members = nodes.flatMap((node) => node.folders.map((member) => ({ node, member })))
  const nameOf = (id: string): string => folders.find((folder) => folder.id === id)?.name ?? id
  return [
    ...members.flatMap(({ node, member }) => halt(node, member, nameOf(member.folder), places)),
    ...folders.flatMap((folder) => conflicts(folder, nodes, places)),
    ...members.flatMap(({ node, member }) => problems(node, member, printable(nameOf(member.folder)), places)),
  ]
}

function halt(node: NodeView, { folder, report }: MembershipView, called: string, places: Places): Waiting[] {
  const halted = report?.halted ?? null
  if (halted === null) return []
  const name = printable(called)
  const resume = `bin/causeway resume ${folderWord({ id: folder, name: called })} --state ${places.stateOf(node.name)}`
  return [
    {
      key: `halt ${node.id} ${folder}`,
      what: `${node.name} is halted in ${name}: ${plural(halted.removed, 'entry', 'entries')} of ${halted.live} ${halted.held?.from === 'elsewhere' ? 'were deleted elsewhere. This node keeps them' : 'vanished from its directory. Nothing was deleted elsewhere'} until you decide.`,
      name: `the halt of ${node.name} in ${name}`,
      page: `${places.dashboard}/#halts`,
      commands: [
        { command: `${resume} --put-back`, meaning: 'it was a mistake: put them back' },
        { command: resume, meaning: 'the deletion was meant' },
      ],
    },
  ]
}

function conflicts({ id, name, openConflicts }: FolderView, nodes: readonly NodeView[], places: Places): Waiting[] {
  const carrier = nodes.find(({ folders }) => folders.some(({ folder }) => folder === id))
  if (openConflicts === 0) return []
  const state = carrier === undefined ? undefined : places.stateOf(carrier.name)
  return [
    {
      key: `conflicts ${id}`,
      what: `${plural(openConflicts, 'conflict')} in ${printable(name)} ${openConflicts === 1 ? 'waits' : 'wait'} for a choice. Both versions of each are kept.`,
      name: `${plural(openConflicts, 'conflict')} in ${printable(name)}`,
      page: `${places.dashboard}/?view=conflicts`,
      commands:
        state === undefined ? [] : [{ command: `bin/causeway conflicts --state ${state}`, meaning: 'names the files' }],
    },
  ]
}

function problems(node: NodeView, { folder, report }: MembershipView, name: string, places: Places): Waiting[] {
  const [first] = report?.problems ?? []
  if (report === null || first === undefined) return []
  const advice = problemAdvice(first.code)
  const where = first.path === '' ? '' : `${printable(first.path)}: `
  return [
    {
      key: `problems ${node.id} ${folder}`,
      what: `${node.name} has ${plural(report.problems.length, 'problem')} in ${name}: ${where}${printable(first.message)}${advice === undefined ? '' : `. ${advice}`}`,
      name: `${plural(report.problems.length, 'problem')} of ${node.name} in ${name}`,
      page: `${places.dashboard}/monitor`,
      commands: [
        { command: `bin/causeway status --state ${places.stateOf(node.name)}`, meaning: 'names all and what to do' },
      ],
    },
  ]
}

/** As it stands in the terminal: the sentence, then both ways on. */
export function waitingLines({ what, page, commands }: Waiting): string[] {
  return [
    `▲ ${what}`,
    `    on the page:    ${page}`,
    ...commands.map(({ command, meaning }) => `    in a terminal:  ${command}   (${meaning})`),
  ]
}
