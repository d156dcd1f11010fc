import type { DragEvent } from 'react'

const TYPE = 'application/x-causeway-paths'

export function dragPaths(event: DragEvent, paths: readonly string[]): void {
  event.dataTransfer.setData(TYPE, JSON.stringify(paths))
  event.dataTransfer.effectAllowed = 'move'
}

export function hasPaths({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes(TYPE)
}

/** Whether files come from outside of the browser. */
export function hasFiles({ dataTransfer }: DragEvent): boolean {
  return dataTransfer.types.includes('Files')
}

/** The paths that are dragged within the list; null if something else is. */
export function draggedPaths(event: DragEvent): readonly string[] | null {
  if (!hasPaths(event)) return null
  const paths: unknown = JSON.parse(event.dataTransfer.getData(TYPE))
  return Array.isArray(paths) ? paths.filter((path) => typeof path === 'string') : null
}
