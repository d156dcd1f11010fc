import { Kbd, Menu } from '@mantine/core'
import { actionsFor, type ActionId } from './actions.ts'
import type { Meant } from './meant.ts'

/** Where a menu opens, in the window. */
export interface At {
  readonly x: number
  readonly y: number
}

/** All that one can do with what is meant, where the pointer or the row is. */
export function RowMenu(props: {
  readonly at: At
  readonly meant: Meant
  readonly mayChange: boolean
  act(id: ActionId, meant: Meant): void
  onClose(): void
}) {
  const { at, meant, mayChange, act, onClose } = props
  return (
    <Menu opened onClose={onClose} position="bottom-start" offset={0} width={250} trapFocus returnFocus withinPortal>
      <Menu.Target>
        <span style={{ position: 'fixed', left: at.x, top: at.y }} aria-hidden="true" />
      </Menu.Target>
      <Menu.Dropdown aria-label="Actions">
        {actionsFor(meant, mayChange).map(({ id, label, key }) => (
          <Menu.Item
            key={id}
            {...(id === 'delete' && { color: 'red' })}
            rightSection={key === undefined ? undefined : <Kbd size="xs">{key}</Kbd>}
            onClick={() => act(id, meant)}
          >
            {label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
