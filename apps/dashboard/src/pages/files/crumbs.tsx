import type { DragEvent } from 'react'
import { isolated } from '../../parts/isolated.ts'
import { Name } from '../../parts/name.tsx'
import { crumbsOf } from './paths.ts'
import { useDropTarget } from './use-drop-target.ts'
import look from './files.module.css'

/** Where one is, and the way up. What is dropped on a name goes there. */
export function Crumbs(props: {
  readonly name: string
  readonly path: string
  go(path: string): void
  drop(event: DragEvent, path: string): void
}) {
  const { name, path, go, drop } = props
  const all = [{ name, path: '' }, ...crumbsOf(path)]
  return (
    <nav aria-label="Directory" className={look.crumbs}>
      <ol>
        {all.map((crumb, at) => (
          <li key={crumb.path}>
            <CrumbButton {...crumb} current={at === all.length - 1} go={go} drop={drop} />
          </li>
        ))}
      </ol>
    </nav>
  )
}

function CrumbButton(props: {
  readonly name: string
  readonly path: string
  readonly current: boolean
  go(path: string): void
  drop(event: DragEvent, path: string): void
}) {
  const { name, path, current, go, drop } = props
  const target = useDropTarget(current ? undefined : (event) => drop(event, path))
  return (
    <button
      type="button"
      title={isolated(name)}
      aria-current={current ? 'page' : undefined}
      onClick={() => go(path)}
      {...target}
    >
      <Name text={name} />
    </button>
  )
}
