import { folderWord, type FolderId, type HaltReport } from '@causeway/protocol'
import type { HaltChoice } from '../cycle/cycle-context.ts'
import { bytes, plural } from './format.ts'
import { printable } from './printing.ts'

const SHOWN = 8

/** What a halt holds back, how much of it where, and both ways on, which `stateOption` leads to this node. */
export function haltLines(
  folder: { readonly id: FolderId; readonly name: string },
  { reason, sample, held }: HaltReport,
  stateOption: string,
): readonly string[] {
  const resume = `causeway resume ${folderWord(folder)}`
  if (held === undefined || held === null) {
    const paths = sample.map(printable).join(', ')
    return [
      `! halted: ${printable(reason)}${paths === '' ? '' : `, among them ${paths}`}`,
      `  "${resume}${stateOption}" lets it through`,
    ]
  }
  const here = held.from === 'here'
  return [
    `! halted: ${printable(reason)}`,
    `  ${here ? 'Gone from this node, kept everywhere else' : 'Deleted elsewhere, kept on this node'}: ${counted(held)}`,
    ...directoryLines(held).map((line) => `  ${line}`),
    `  "${resume} --put-back${stateOption}" puts them back ${here ? 'here' : 'everywhere'}`,
    `  "${resume}${stateOption}" lets them go ${here ? 'from every node' : 'from this node too'}`,
  ]
}

/** What a person's word does now. `folder` is what people call it; `stateOption` leads the commands to this node. */
export function resumeLines(
  folder: string,
  { held, removed }: HaltReport,
  { choice, stateOption }: { readonly choice: HaltChoice; readonly stateOption: string },
): readonly string[] {
  const name = printable(folder)
  if (held === undefined || held === null) return [`${name} resumes`]
  const what = held.files > 0 ? counted(held) : plural(removed, 'entry', 'entries')
  return [...firstLines(name, what, held.from === 'here', { choice, stateOption }), ...directoryLines(held)]
}

function firstLines(
  name: string,
  what: string,
  here: boolean,
  { choice, stateOption }: { readonly choice: HaltChoice; readonly stateOption: string },
): readonly string[] {
  if (choice === 'put-back') {
    const where = here ? 'to this node' : 'on every node'
    return [`${name} resumes: ${what} come back ${where}, and nothing is deleted`]
  }
  const where = here ? 'from every other node too' : 'from this node too'
  return [
    `${name} resumes: ${what} go ${where}`,
    `Every version stays in the history: "causeway restore PATH${stateOption}" restores it`,
  ]
}

function counted({ files, bytes: size }: { readonly files: number; readonly bytes: number }): string {
  return `${plural(files, 'file')} (${bytes(size)})`
}

function directoryLines({ directories, moreDirectories }: NonNullable<HaltReport['held']>): string[] {
  const lines = directories.slice(0, SHOWN).map((directory) => {
    const name = directory.path === '' ? 'top of the folder' : `${printable(directory.path)}/`
    return `  ${name}: ${counted(directory)}${directory.whole ? ', the whole directory' : ''}`
  })
  const more = directories.length - lines.length + moreDirectories
  return more === 0 ? lines : [...lines, `  and ${plural(more, 'more directory', 'more directories')}`]
}
