import { createHash } from 'node:crypto'
import { ContentHashSchema, type Content, type FileContent, type ContentHash } from '@causeway/protocol'

export function hashOfText(text: string): ContentHash {
  return ContentHashSchema.parse(createHash('sha256').update(text).digest('hex'))
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
