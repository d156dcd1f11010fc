import type { UserSide } from '@causeway/testkit'
import type { Random } from './random.ts'
import { Ledger } from './ledger.ts'

/** A node as the people at it see it. */
export interface Machine {
  readonly id: string
  readonly disk: { readonly user: UserSide }
}

const NAMES = ['a', 'b', 'c.txt', 'd.txt', 'dir', 'sub'] as const

/** Of the saves, so many are too large to travel inside messages. */
const LARGE_SHARE = 0.06
const LARGE_BYTES = 70 * 1024

/** People who save, rename and delete at random, and whose every save is written down. */
export class SimulatedUser {
  readonly ledger = new Ledger()
  readonly log: string[] = []
  readonly #random: Random
  #saves = 0

  constructor(random: Random) {
    this.#random = random
  }

  act(node: Machine): void {
    const { user } = node.disk
    const { files, directories } = treeOf(user)
    const directory = this.#random.pick(['', ...directories])
    const target = join(directory, this.#random.pick(NAMES))
    const isDirectory = directories.includes(target)
    const existing = files.length > 0 ? this.#random.pick(files) : null
    switch (this.#random.below(10)) {
      case 0:
      case 1:
        if (!isDirectory) this.#save(node, target)
        return
      case 2:
      case 3:
        if (existing !== null) this.#save(node, existing)
        return
      case 4:
        if (existing !== null) this.#append(node, existing)
        return
      case 5:
        if (existing !== null && !isDirectory && existing !== target) this.#rename(node, existing, target)
        return
      case 6:
        if (directories.length > 0 && !files.includes(target) && !isDirectory)
          this.#renameDirectory(node, this.#random.pick(directories), target)
        return
      case 7:
        if (existing !== null) this.#remove(node, existing)
        return
      case 8:
        if (directories.length > 0 && this.#random.chance(0.3)) this.#remove(node, this.#random.pick(directories))
        return
      case 9:
        if (!files.includes(target) && !isDirectory) {
          this.log.push(`${node.id} mkdir ${target}`)
          user.mkdir(target)
        }
    }
  }

  #save(node: Machine, path: string): void {
    const { user } = node.disk
    this.#saves += 1
    const words = this.#random.chance(0.1) ? `shared ${this.#random.below(3)}` : `save ${this.#saves} on ${node.id}`
    const fillBytes = this.#random.chance(LARGE_SHARE) ? LARGE_BYTES + this.#random.below(LARGE_BYTES / 4) : 0
    const text = words + '.'.repeat(fillBytes)
    this.log.push(`${node.id} save ${path}: ${words}${fillBytes > 0 ? ` and ${fillBytes} bytes` : ''}`)
    this.#destroy(node, path)
    // As editors do: in place, or by renaming a new file over the old one.
    if (this.#random.chance(0.5)) user.write(path, text)
    else {
      const temporary = `${path}.new~`
      user.write(temporary, text)
      user.rename(temporary, path)
    }
    this.ledger.saved(text)
  }

  #append(node: Machine, path: string): void {
    const { user } = node.disk
    const before = textOf(user, path)
    this.#saves += 1
    const addition = ` +${this.#saves}`
    this.log.push(`${node.id} append ${path}: ${addition}`)
    this.#destroy(node, path)
    user.append(path, addition)
    this.ledger.saved(before + addition)
  }

  #rename(node: Machine, from: string, to: string): void {
    this.log.push(`${node.id} rename ${from} -> ${to}`)
    this.#destroy(node, to)
    node.disk.user.rename(from, to)
  }

  #renameDirectory(node: Machine, from: string, to: string): void {
    if (to === from || to.startsWith(`${from}/`)) return
    this.log.push(`${node.id} rename ${from}/ -> ${to}/`)
    node.disk.user.rename(from, to)
  }

  #remove(node: Machine, path: string): void {
    this.log.push(`${node.id} remove ${path}`)
    for (const file of treeOf(node.disk.user).files)
      if (file === path || file.startsWith(`${path}/`)) this.#destroy(node, file)
    node.disk.user.remove(path)
  }

  /** A person overwrites or removes what is at a path, on this node. */
  #destroy(node: Machine, path: string): void {
    const bytes = node.disk.user.read(path)
    if (bytes !== undefined) this.ledger.destroyed(new TextDecoder().decode(bytes))
  }
}

export function treeOf(user: UserSide): { files: string[]; directories: string[] } {
  const files: string[] = []
  const directories: string[] = []
  const visit = (path: string): void => {
    for (const name of user.names(path)) {
      const child = join(path, name)
      if (user.read(child) !== undefined) files.push(child)
      else {
        directories.push(child)
        visit(child)
      }
    }
  }
  visit('')
  return { files, directories }
}

export function textOf(user: UserSide, path: string): string {
  return new TextDecoder().decode(user.read(path))
}

function join(directory: string, name: string): string {
  return directory === '' ? name : `${directory}/${name}`
}
