import { createHash } from 'node:crypto'
import { HashSchema, type Content, type FileContent, type Hash } from '@causeway/protocol'

export function hashOfText(text: string): Hash {
  return HashSchema.parse(createHash('sha256').update(text).digest('hex'))
}

export function fileOf(
  text: string,
  { mode, mtimeNs }: Pick<FileContent, 'mode' | 'mtimeNs'> = { mode: 0o644, mtimeNs: '0' },
): FileContent {
  return { kind: 'file', hash: hashOfText(text), size: text.length, mode, mtimeNs }
}

export function directoryOfMode(mode: number): Content {
  return { kind: 'directory', mode }
}

export function linkTo(target: string): Content {
  return { kind: 'symlink', target }
}
