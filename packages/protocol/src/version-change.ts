import type { VersionView } from './rest.ts'

/**
 * What a version was in words, such as `renamed and saved`. `before` is the version before it; `undefined` where none is
 * known: the list ends there, or what was earlier is not kept any more.
 */
export function versionChange(version: VersionView, before: VersionView | undefined): string {
  const { registers, deleted, path, content } = version
  if (deleted) return 'deleted'
  const [isContent, isPlace] = [registers.includes('content'), registers.includes('place')]
  // One change gives both to what is new, and to nothing else.
  if (before === undefined && isContent && isPlace) return 'created'
  const parts: string[] = []
  if (registers.includes('existence')) parts.push('restored')
  if (isContent) parts.push(content.kind === 'file' ? 'saved' : 'changed')
  if (isPlace && path !== before?.path) parts.push(placeChange(path, before?.path))
  return parts.length === 0 ? 'noted' : parts.join(' and ')
}

function placeChange(path: string, before: string | undefined): string {
  if (before === undefined) return 'renamed or moved'
  return directoryOf(path) === directoryOf(before) ? 'renamed' : 'moved'
}

function directoryOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}
