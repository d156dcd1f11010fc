import { ActionIcon, Button, Progress } from '@mantine/core'
import type { NodeView } from '@causeway/protocol'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useLive } from '../live/use-live.ts'
import { nameOf } from '../pages/files/paths.ts'
import { waitingOf } from '../pages/files/stands.ts'
import { bytes, count, estimate, plural, rate, share } from '../parts/format.ts'
import { isolated } from '../parts/isolated.ts'
import { Name } from '../parts/name.tsx'
import { modals } from '../parts/confirm.tsx'
import { jobWords, spreadWords, titleWords } from './upload-words.ts'
import { isOver, type Job } from './job.ts'
import { uploads } from './page-uploads.ts'
import { noteSample, onTheWayTo, rateOf, totalsOf, type Sample } from './totals.ts'
import look from './upload.module.css'

const JOB_PX = 48

/** How the uploads stand: first to the coordinator, then on to each node. It stays while one changes pages. */
export function UploadPanel({ jobs }: { readonly jobs: readonly Job[] }) {
  const nodeMap = useLive((state) => state.nodes)
  const nodes = useMemo(() => [...nodeMap.values()], [nodeMap])
  const [open, setOpen] = useState(true)
  const totals = useMemo(() => totalsOf(jobs), [jobs])
  const waiting = useMemo(() => onTheWayTo(jobs, nodes), [jobs, nodes])
  const perSecond = useRate(totals.doneBytes, totals.busy)
  const left = totals.bytes - totals.doneBytes
  const { byPhase } = totals
  return (
    <section className={look.panel} aria-label="Uploads">
      <div className={look.top}>
        <span className={look.title} role="status">
          {titleWords(totals)}
        </span>
        <ActionIcon
          variant="subtle"
          color="gray"
          aria-label={open ? 'Show less' : 'Show more'}
          aria-expanded={open}
          onClick={() => setOpen(!open)}
        >
          {open ? '▾' : '▴'}
        </ActionIcon>
      </div>
      {totals.busy && (
        <Progress.Root size="sm" mx={12} mb={6} radius="sm">
          <Progress.Section
            value={totals.bytes === 0 ? 100 : (totals.doneBytes / totals.bytes) * 100}
            aria-label="Sent to the coordinator"
          />
        </Progress.Root>
      )}
      <div className={look.facts}>
        {totals.busy ? (
          <>
            {bytes(totals.doneBytes)} of {bytes(totals.bytes)}
            {perSecond !== null &&
              perSecond > 0 &&
              ` · ${rate(perSecond)}${left > perSecond ? ` · ${estimate(left / perSecond)} left` : ''}`}
          </>
        ) : (
          <>
            {totals.doneBytes > 0 && (
              <>
                {bytes(totals.sentBytes)} sent for {bytes(totals.doneBytes)} of files
                {totals.sentBytes < totals.doneBytes &&
                  `: ${share(totals.doneBytes - totals.sentBytes, totals.doneBytes)} was there already`}
                .{' '}
              </>
            )}
          </>
        )}
        {!totals.busy && byPhase.arrived > 0 && <div>{spreadWords(waiting, jobs, nodes)}</div>}
      </div>
      {open && (
        <>
          <Jobs jobs={jobs} nodes={nodes} />
          <div className={look.actions}>
            {byPhase.queued + byPhase.sending + byPhase.retrying > 0 && (
              <Button size="compact-sm" variant="default" onClick={() => uploads.pause()}>
                Pause all
              </Button>
            )}
            {byPhase.paused > 0 && (
              <Button size="compact-sm" variant="default" onClick={() => uploads.resume()}>
                Resume all
              </Button>
            )}
            {byPhase.failed > 0 && (
              <Button
                size="compact-sm"
                variant="default"
                onClick={() => uploads.again(jobs.filter(({ phase }) => phase === 'failed').map(({ id }) => id))}
              >
                Try {plural(byPhase.failed, 'file')} again
              </Button>
            )}
            {totals.busy ? (
              <Button size="compact-sm" variant="subtle" color="red" onClick={() => cancelAsked(jobs)}>
                Cancel all
              </Button>
            ) : (
              <Button size="compact-sm" variant="default" onClick={() => uploads.clear()}>
                Close
              </Button>
            )}
          </div>
        </>
      )}
    </section>
  )
}

function Jobs({ jobs, nodes }: { readonly jobs: readonly Job[]; readonly nodes: readonly NodeView[] }) {
  const box = useRef<HTMLDivElement>(null)
  const lines = useVirtualizer({
    count: jobs.length,
    getScrollElement: () => box.current,
    estimateSize: () => JOB_PX,
    overscan: 6,
  })
  return (
    <div ref={box} className={look.jobs} role="region" aria-label="Uploaded files" tabIndex={0}>
      <div style={{ height: lines.getTotalSize(), position: 'relative' }}>
        {lines.getVirtualItems().map(({ index, start }) => {
          const job = jobs[index]
          if (job === undefined) return null
          return (
            <div key={job.id} className={look.job} style={{ top: start }}>
              <div>
                <p title={isolated(job.path)}>
                  <Name text={nameOf(job.path)} />
                </p>
                <JobState job={job} nodes={nodes} />
              </div>
              <JobAction job={job} />
            </div>
          )
        })}
      </div>
    </div>
  )
}

function JobState({ job, nodes }: { readonly job: Job; readonly nodes: readonly NodeView[] }) {
  const waiting = job.seq === null ? [] : waitingOf(nodes, job.folder, { path: job.path, seq: job.seq })
  const words = jobWords(job, waiting)
  const colour =
    job.phase === 'failed' ? 'var(--state-halted)' : job.phase === 'retrying' ? 'var(--state-attention)' : undefined
  return (
    <p className={look.state} title={words} style={{ color: colour }}>
      {words}
    </p>
  )
}

function JobAction({ job: { id, path, phase, ...job } }: { readonly job: Job }) {
  if (phase === 'arrived') return null
  if (isOver({ id, path, phase, ...job })) {
    return (
      <Button
        size="compact-xs"
        variant="subtle"
        aria-label={`Try ${isolated(path)} again`}
        onClick={() => uploads.again([id])}
      >
        Again
      </Button>
    )
  }
  return (
    <span>
      {phase === 'paused' ? (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={`Resume ${isolated(path)}`}
          onClick={() => uploads.resume([id])}
        >
          Resume
        </Button>
      ) : (
        <Button
          size="compact-xs"
          variant="subtle"
          aria-label={`Pause ${isolated(path)}`}
          onClick={() => uploads.pause([id])}
        >
          Pause
        </Button>
      )}
      <Button
        size="compact-xs"
        variant="subtle"
        color="gray"
        aria-label={`Cancel ${isolated(path)}`}
        onClick={() => uploads.cancel([id])}
      >
        Cancel
      </Button>
    </span>
  )
}

function cancelAsked(jobs: readonly Job[]): void {
  const open = jobs.filter((job) => !isOver(job)).length
  modals.confirm({
    title: `Cancel ${plural(open, 'upload')}?`,
    text: `What arrived stays. ${count(open)} ${open === 1 ? 'file is' : 'files are'} left out; you can upload ${open === 1 ? 'it' : 'them'} again, and what was sent already is found.`,
    action: 'Cancel them',
    onConfirm: () => uploads.cancel(),
  })
}

/** Bytes a second, measured once a second while something is sent. */
function useRate(doneBytes: number, busy: boolean): number | null {
  const now = useRef(doneBytes)
  const [samples, setSamples] = useState<readonly Sample[]>([])
  useEffect(() => {
    now.current = doneBytes
  }, [doneBytes])
  useEffect(() => {
    if (!busy) return setSamples([])
    const timer = setInterval(() => {
      setSamples((before) => noteSample(before, { atMs: performance.now(), doneBytes: now.current }))
    }, 500)
    return () => clearInterval(timer)
  }, [busy])
  return rateOf(samples)
}
