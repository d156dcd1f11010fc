import { useState, type DragEvent } from 'react'
import { hasFiles, hasPaths } from './dragging.ts'

/** What makes an element one that entries and files can be dropped on. */
export function useDropTarget(onDrop: ((event: DragEvent) => void) | undefined) {
  const [over, setOver] = useState(false)
  if (onDrop === undefined) return {}
  return {
    'data-over': over || undefined,
    onDragOver(event: DragEvent) {
      if (!hasFiles(event) && !hasPaths(event)) return
      event.preventDefault()
      event.stopPropagation()
      setOver(true)
    },
    onDragLeave: () => setOver(false),
    onDrop(event: DragEvent) {
      event.preventDefault()
      event.stopPropagation()
      setOver(false)
      onDrop(event)
    },
  }
}
