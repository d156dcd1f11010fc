import { execFileSync } from 'node:child_process'
import {
  appendFileSync,
  chmodSync,
  closeSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { dirname, join } from 'node:path'
import { toBytes, type UserSide } from './user-side.ts'

/** A person at a directory on a real disk. mtimes are set to the microsecond only. */
export function createDiskUser(root: string): UserSide {
  const at = (path: string): string => join(root, path)
  const inParent = (path: string): string => {
    mkdirSync(dirname(at(path)), { recursive: true })
    return at(path)
  }
  return {
    write: (path, content) => writeFileSync(inParent(path), content),
    append: (path, content) => appendFileSync(inParent(path), toBytes(content)),
    rename: (from, to) => renameSync(at(from), inParent(to)),
    remove: (path) => rmSync(at(path), { recursive: true, force: true }),
    mkdir: (path) => void mkdirSync(at(path), { recursive: true }),
    symlink: (path, target) => symlinkSync(target, inParent(path)),
    makeFifo: (path) => void execFileSync('mkfifo', [inParent(path)]),
    chmod: (path, mode) => chmodSync(at(path), mode),
    setMtime: (path, mtimeNs) => utimesSync(at(path), Number(mtimeNs) / 1e9, Number(mtimeNs) / 1e9),
    read: (path) =>
      lstatSync(at(path), { throwIfNoEntry: false })?.isFile() === true ? readFileSync(at(path)) : undefined,
    linkTarget: (path) =>
      lstatSync(at(path), { throwIfNoEntry: false })?.isSymbolicLink() === true ? readlinkSync(at(path)) : undefined,
    names: (path) =>
      readdirSync(at(path))
        .filter((name) => path !== '' || name !== '.causeway')
        .sort(),
    openForWriting(path) {
      const fd = openSync(inParent(path), 'a')
      let isOpen = true
      return {
        append: (content) => void writeSync(fd, toBytes(content)),
        close: () => {
          if (isOpen) closeSync(fd)
          isOpen = false
        },
      }
    },
  }
}
