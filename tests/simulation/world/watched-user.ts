import type { WatchHint, Watcher } from '@causeway/replica'
import type { UserSide } from '@causeway/testkit'

/** Tells whoever watches a disk in memory where something was changed. */
export class Notices {
  #listener: ((hint: WatchHint) => void) | null = null

  /** The watcher of one process. */
  watcher(): Watcher {
    let own: ((hint: WatchHint) => void) | null = null
    return {
      start: async (onHint) => {
        own = this.#listener = onHint
      },
      stop: async () => {
        if (this.#listener === own) this.#listener = null
      },
    }
  }

  changed(path: string, recursive = false): void {
    this.#listener?.({ directory: path.includes('/') ? path.slice(0, path.lastIndexOf('/')) : '', recursive })
  }
}

/** A person's side of a disk, each change of which is told, as a watcher would. */
export function watchedUser(user: UserSide, changed: (path: string, recursive: boolean) => void): UserSide {
  return {
    ...user,
    write(path, content) {
      const isNew = user.read(path) === undefined
      user.write(path, content)
      changed(path, isNew)
    },
    append(path, content) {
      user.append(path, content)
      changed(path, false)
    },
    rename(from, to) {
      user.rename(from, to)
      changed(from, false)
      changed(to, true)
    },
    remove(path) {
      user.remove(path)
      changed(path, false)
    },
    mkdir(path) {
      user.mkdir(path)
      changed(path, true)
    },
  }
}
