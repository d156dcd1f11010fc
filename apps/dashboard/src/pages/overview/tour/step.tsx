import type { ReactNode } from 'react'
import { Ago } from '../../../parts/ago.tsx'
import { NodeName } from '../../../parts/node-name.tsx'
import { PathText } from '../../../parts/path-text.tsx'
import type { StepId, Tick } from './progress.ts'
import { EditStep } from './edit-step.tsx'
import { RestoreStep } from './restore-step.tsx'
import { SaveStep } from './save-step.tsx'
import { SettleStep } from './settle-step.tsx'
import type { StepProps } from './step-props.ts'
import look from './tour.module.css'

const STEP: Readonly<Record<StepId, { title: string; Body: (props: StepProps) => ReactNode }>> = {
  save: { title: 'Save a file', Body: SaveStep },
  edit: { title: 'Edit a large one and see what crosses the wire', Body: EditStep },
  settle: { title: 'Resolve a conflict', Body: SettleStep },
  restore: { title: 'Restore a version', Body: RestoreStep },
}

/** One line, and below it what to do where it is the next; the others open with a click. */
export function Step(
  props: StepProps & { readonly step: StepId; readonly tick: Tick | undefined; readonly isNext: boolean },
) {
  const { step, tick, isNext, folder, progress } = props
  const { title, Body } = STEP[step]
  return (
    <li>
      {/* Made anew when its turn comes or goes: open is what it begins with. */}
      <details key={String(isNext)} open={isNext}>
        <summary>
          <span aria-hidden="true" className={look.mark} data-done={tick !== undefined || undefined}>
            {tick === undefined ? '○' : '✓'}
          </span>
          <span>
            {title}
            {tick !== undefined && <span className="only-read">, done</span>}
          </span>
        </summary>
        <div className={look.body}>
          {tick !== undefined && <Shown tick={tick} />}
          <Body folder={folder} progress={progress} />
        </div>
      </details>
    </li>
  )
}

/** What ticked it. */
function Shown({ tick: { at, path, node } }: { readonly tick: Tick }) {
  return (
    <p className={look.shown}>
      {path !== null && (
        <>
          <PathText path={path} most={44} />
          {', '}
        </>
      )}
      {node !== null && node !== 'coordinator' && (
        <>
          by <NodeName node={node} />,{' '}
        </>
      )}
      <Ago at={at} />
    </p>
  )
}
