import type { Given, GivenFile } from './plan.ts'

/** What was chosen in a file dialog; of a directory, each file with its path in it. */
export function givenByDialog(files: FileList): Given {
  return {
    files: Array.from(files, (file) => ({ file, path: file.webkitRelativePath || file.name })),
    emptyDirectories: [],
  }
}

/** What was dropped, directories with all that is in them. The transfer must be asked before the event ends. */
export function givenByDrop(transfer: DataTransfer): Promise<Given> {
  const entries = Array.from(transfer.items, (item) => (item.kind === 'file' ? item.webkitGetAsEntry() : null))
  const found = entries.filter((entry) => entry !== null)
  return found.length > 0 ? walk(found) : Promise.resolve(givenByDialog(transfer.files))
}

async function walk(entries: readonly FileSystemEntry[]): Promise<Given> {
  const files: GivenFile[] = []
  const emptyDirectories: string[] = []
  const open = [...entries]
  for (let entry = open.pop(); entry !== undefined; entry = open.pop()) {
    const path = entry.fullPath.replace(/^\/+/, '')
    if (isFile(entry)) files.push({ file: await fileOf(entry), path })
    else if (isDirectory(entry)) {
      const children = await childrenOf(entry.createReader())
      if (children.length === 0) emptyDirectories.push(path)
      open.push(...children)
    }
  }
  files.sort((a, b) => (a.path < b.path ? -1 : 1))
  return { files, emptyDirectories }
}

function isFile(entry: FileSystemEntry): entry is FileSystemFileEntry {
  return entry.isFile
}

function isDirectory(entry: FileSystemEntry): entry is FileSystemDirectoryEntry {
  return entry.isDirectory
}

function fileOf(entry: FileSystemFileEntry): Promise<File> {
  return new Promise((resolve, reject) => entry.file(resolve, reject))
}

/** A reader hands out some at a time, and none at the end. */
async function childrenOf(reader: FileSystemDirectoryReader): Promise<readonly FileSystemEntry[]> {
  const all: FileSystemEntry[] = []
  for (;;) {
    const some = await new Promise<readonly FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (some.length === 0) return all
    all.push(...some)
  }
}
