import { FolderLoop } from './folder-loop.ts'
import { FolderView, PAUSE, PAUSED } from './folder-view.ts'
import type { FolderRunner, FolderRunnerOptions } from './runner-ports.ts'

export function createFolderRunner(options: FolderRunnerOptions): FolderRunner {
  const { state, saves, memory } = options.context
  const view = new FolderView(options)
  const loop = new FolderLoop(options, view)
  const { inbox, pace, replica, settling } = loop

  function dropPrefetched(): void {
    void replica.current?.transfer.dropPrefetched().catch(() => undefined)
  }

  return {
    start() {
      memory.send.unsent.listen(options.events.changed)
      loop.start()
    },
    stop: () => loop.stop(),
    get cursor() {
      return state.cursor()
    },
    get status() {
      return view.status({ access: loop.access, watchProblem: replica.watchProblem, proof: loop.proof })
    },
    received(batch) {
      view.pushed(undefined)
      inbox.push(batch)
      loop.wake()
    },
    fellBehind(head) {
      memory.pull.log.reaches(head)
      loop.askForMissed()
    },
    missedPush(reason) {
      view.pushed(reason)
      loop.askForMissed()
    },
    wanted(contents) {
      for (const content of contents) memory.send.wanted.add(content)
      inbox.poke()
      loop.wake()
    },
    coming(coming, from) {
      const isSynced = loop.access !== 'send-only' && view.phase.kind !== 'halted' && !loop.isPaused
      if (isSynced) replica.current?.transfer.prefetch(coming, from)
    },
    linkUp() {
      view.pushed(undefined)
      view.enter('link-up')
      pace.endPause()
      pace.forgetFailures()
      // While the link was down this machine may have slept: its watcher is not to be relied on.
      inbox.lookAtAll()
      loop.linked()
      loop.wake()
    },
    linkDown(reason) {
      loop.unlinked()
      view.enter('link-down', reason)
      // A cycle finds out whether requests still get through.
      inbox.poke()
      loop.wake()
    },
    resume(choice) {
      const isHeld = view.isHalted
      // Deletes of this moment would be taken for what a person has looked at.
      if (choice === 'put-back' && !isHeld) return
      if (isHeld) view.lifted()
      inbox.lift(choice)
      inbox.lookAtAll()
      pace.endPause()
      loop.wake()
    },
    setAccess(access) {
      loop.access = access
      saves.forget()
      if (access === 'send-only') dropPrefetched()
      inbox.lookAtAll()
      loop.wake()
    },
    setPaused(isPaused) {
      if (isPaused === loop.isPaused) return
      loop.isPaused = isPaused
      if (isPaused) {
        view.enter('paused', PAUSED)
        settling.end(settling.begin(), PAUSE)
        dropPrefetched()
      } else {
        view.enter('unpaused')
        saves.forget()
        pace.endPause()
        pace.forgetFailures()
        inbox.lookAtAll()
        loop.followAgain()
      }
      loop.wake()
    },
    setDeleteBrake(deleteBrake) {
      // Settings changed: the folder may have more room now.
      if (memory.send.quota.forget()) {
        inbox.lookAtAll()
        loop.wake()
      }
      if (!memory.send.removals.setBrake(deleteBrake)) return
      // What was held back by the old one may go now, or the other way round.
      if (view.isHalted) inbox.lookAtAll()
      loop.wake()
    },
    settle(signal) {
      if (loop.isPaused) return Promise.resolve(PAUSE)
      const settled = settling.wait(signal)
      inbox.lookAtAll()
      inbox.poke()
      pace.endPause()
      loop.wake()
      return settled
    },
  }
}
