import { execFileSync } from 'node:child_process'
import { createHash, randomFillSync } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { deflateRawSync, gunzipSync } from 'node:zlib'
import { REPOSITORY } from '../../tests/support/processes.ts'

/** One file before and after an edit. */
export interface Edited {
  readonly name: string
  readonly before: Uint8Array
  readonly after: Uint8Array
}

/**
 * Files as people have them, each with an edit that is usual for its kind.
 * They are made in `room`, one at a time. Where a tool or the package registry
 * is missing, what needs it is left out and `leaveOut` learns why.
 */
export function* editedCorpora(room: string, leaveOut: (name: string, reason: string) => void): Generator<Edited> {
  const makers: readonly (readonly [string, () => Edited | Edited[]])[] = [
    ['source archives', () => sourceArchives(room)],
    ['databases', () => databases(room)],
    ['a disk image', () => diskImage(room)],
    ['an office file', officeFile],
    ['a log', log],
    ['a photo', photo],
    ['random bytes', randomBytes],
  ]
  for (const [name, make] of makers) {
    try {
      yield* [make()].flat()
    } catch (error) {
      leaveOut(name, error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error))
    }
  }
}

/** Uncompressed tars of an npm package in three versions. */
function sourceArchives(room: string): Edited[] {
  const [first, fix, minor] = ['5.8.2', '5.8.3', '5.9.2'].map((version) => {
    execFileSync('npm', ['pack', '--silent', `typescript@${version}`], { cwd: room, stdio: ['ignore', 'pipe', 'pipe'] })
    return gunzipSync(readFileSync(join(room, `typescript-${version}.tgz`)))
  })
  if (first === undefined || fix === undefined || minor === undefined) throw new Error('npm packed nothing')
  return [
    { name: 'source tar, a fix release', before: first, after: fix },
    { name: 'source tar, a minor release', before: fix, after: minor },
  ]
}

/** A table with an index: some rows changed, then many added, then the whole file written anew. */
function databases(room: string): Edited[] {
  const path = join(room, 'data.sqlite')
  const db = new DatabaseSync(path)
  db.exec('PRAGMA journal_mode=DELETE; CREATE TABLE note (id INTEGER PRIMARY KEY, title TEXT, body TEXT)')
  db.exec('CREATE INDEX by_title ON note (title)')
  const insert = db.prepare('INSERT INTO note (title, body) VALUES (?, ?)')
  const add = (from: number, to: number) => {
    db.exec('BEGIN')
    for (let i = from; i < to; i++) insert.run(hex(`title ${i}`, 20), `${sentence(i)} ${hex(`body ${i}`, 200)}`)
    db.exec('COMMIT')
  }
  add(0, 60_000)
  const before = readFileSync(path)
  const update = db.prepare('UPDATE note SET body = ? WHERE id = ?')
  for (let i = 0; i < 20; i++) update.run(`${sentence(i)} changed`, 1 + ((i * 7919) % 60_000))
  const changed = readFileSync(path)
  add(60_000, 61_000)
  const grown = readFileSync(path)
  db.exec('DELETE FROM note WHERE id % 50 = 0; VACUUM')
  const vacuumed = readFileSync(path)
  db.close()
  return [
    { name: 'SQLite, 20 rows changed', before, after: changed },
    { name: 'SQLite, 1,000 rows added', before: changed, after: grown },
    { name: 'SQLite, vacuumed', before: grown, after: vacuumed },
  ]
}

/** An ext4 file system with the project's dependencies; then files written to it. */
function diskImage(room: string): Edited {
  const tree = join(room, 'tree')
  mkdirSync(tree)
  for (const name of ['zod', 'fastify', 'fast-check', 'undici', 'vitest']) {
    const source = join(REPOSITORY, 'node_modules', name)
    if (existsSync(source)) cpSync(source, join(tree, name), { recursive: true })
  }
  const image = join(room, 'disk.img')
  run('mkfs.ext4', ['-q', '-F', '-d', tree, image, '96M'])
  const before = readFileSync(image)
  writeFileSync(join(room, 'new-file'), Array.from({ length: 3000 }, (_, i) => sentence(i)).join('\n'))
  const commands = ['mkdir saved', ...[1, 2, 3].map((i) => `write ${join(room, 'new-file')} saved/copy-${i}`)]
  const victim = readdirSync(join(tree, 'zod')).find((name) => name.endsWith('.json'))
  if (victim !== undefined) commands.push(`rm zod/${victim}`)
  for (const command of commands) run('debugfs', ['-w', '-R', command, image])
  return { name: 'disk image (ext4), files written', before, after: readFileSync(image) }
}

/** An archive of deflated entries, as office files are: one of forty changed, and so are the times of all. */
function officeFile(): Edited {
  const archive = (edited: number, time: number) =>
    Buffer.concat(
      Array.from({ length: 40 }, (_, entry) => {
        const lines = Array.from({ length: 4000 }, (_, line) => `<w:t>${sentence(entry * 4000 + line)}</w:t>`)
        if (entry === edited) lines[2000] = '<w:t>one sentence that was written anew</w:t>'
        const packed = deflateRawSync(lines.join(''))
        const header = Buffer.alloc(30)
        header.writeUInt32LE(0x04034b50)
        header.writeUInt32LE(time, 10)
        header.writeUInt32LE(packed.length, 18)
        return Buffer.concat([header, Buffer.from(`word/part-${entry}.xml`), packed])
      }),
    )
  return { name: 'office file (zip), a sentence changed', before: archive(-1, 1), after: archive(20, 2) }
}

function log(): Edited {
  const lines = Array.from({ length: 300_000 }, (_, i) => `2026-05-0${1 + (i % 9)}T10:00:00Z ${i} ${sentence(i)}\n`)
  const before = Buffer.from(lines.slice(0, 299_000).join(''))
  return { name: 'log, 1,000 lines appended', before, after: Buffer.from(lines.join('')) }
}

/** Bytes that do not compress behind a head that grew: tags were added. */
function photo(): Edited {
  const image = noise(8 * 1024 * 1024)
  const tags = Buffer.from('<x:xmpmeta>'.padEnd(2100, 'tag '))
  return {
    name: 'photo, tags added',
    before: Buffer.concat([noise(4096), image]),
    after: Buffer.concat([noise(4096), tags, image]),
  }
}

function randomBytes(): Edited[] {
  const before = noise(64 * 1024 * 1024)
  const overwritten = Buffer.from(before)
  overwritten.set(noise(4096), 33_333_333)
  return [
    { name: 'random, 4 KiB overwritten', before, after: overwritten },
    { name: 'random, a byte in front', before, after: Buffer.concat([Buffer.of(7), before]) },
    { name: 'random, 1 MiB appended', before, after: Buffer.concat([before, noise(1024 * 1024)]) },
  ]
}

function run(tool: string, args: readonly string[]): void {
  execFileSync(tool, args, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: `${process.env['PATH']}:/usr/sbin:/sbin` },
  })
}

const WORDS =
  'the file that was saved here is now also there and nobody had to wait for it or to look at it twice'.split(' ')

/** Different for each number, and as compressible as prose. */
function sentence(number: number): string {
  const digest = createHash('sha256').update(`sentence ${number}`).digest()
  return Array.from(digest.subarray(0, 12), (byte) => WORDS[byte % WORDS.length]).join(' ')
}

function hex(seed: string, length: number): string {
  return createHash('shake256', { outputLength: length }).update(seed).digest('hex').slice(0, length)
}

function noise(length: number): Buffer {
  return randomFillSync(Buffer.alloc(length))
}
