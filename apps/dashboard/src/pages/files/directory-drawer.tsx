import { Drawer } from '@mantine/core'
import type { FolderView } from '@causeway/protocol'
import { DirectoryTree } from './directory-tree.tsx'
import look from './tree.module.css'

/** The tree where there is no room for it beside the list. It closes when one goes somewhere. */
export function DirectoryDrawer(props: {
  readonly folder: FolderView
  readonly current: string
  go(path: string): void
  onClose(): void
}) {
  const { folder, current, go, onClose } = props
  return (
    <Drawer
      opened
      onClose={onClose}
      size="min(360px, 100%)"
      title="Directories"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <div className={look.drawer}>
        <DirectoryTree
          folder={folder}
          current={current}
          go={(path) => {
            onClose()
            go(path)
          }}
        />
      </div>
    </Drawer>
  )
}
