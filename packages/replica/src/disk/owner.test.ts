import { chmodSync, chownSync, lstatSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import type { DiskFiles } from './disk-files.ts'
import { asOrdinaryUser, ORDINARY } from './test-support/ordinary-user.ts'
import { LINUX, MTIME_NS, open, root, staged, statOf, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

const IS_ROOT = process.getuid?.() === 0
const TEAM = 4242
const OTHER = 4243

function of(path: string): { mode: string; uid: number; gid: number } {
  const { mode, uid, gid } = lstatSync(join(root, path))
  return { mode: (mode & 0o7777).toString(8), uid, gid }
}

async function stagedWhole(files: DiskFiles, text: string, mode = 0o644) {
  const file = await files.stageWhole(Buffer.from(text), { mode, mtimeNs: MTIME_NS })
  await files.syncStaged([file])
  return file
}

describe('special bits, which do not travel', () => {
  test('stay as the disk has them when a file is edited, and when modes are set', async () => {
    const files = await open()
    writeFileSync(join(root, 'tool'), 'old')
    chmodSync(join(root, 'tool'), 0o2755)
    mkdirSync(join(root, 'shared'))
    chmodSync(join(root, 'shared'), 0o3775)
    await files.replace(await staged(files, 'new', 0o775), 'tool', await statOf(files, 'tool'))
    expect(of('tool').mode).toBe('2775')
    await files.setMetadata('tool', { mode: 0o711 }, await statOf(files, 'tool'))
    expect(of('tool').mode).toBe('2711')
    await files.setMetadata('shared', { mode: 0o770 }, await statOf(files, 'shared'))
    expect(of('shared').mode).toBe('3770')
    files.release()
  })

  test.runIf(LINUX)('are passed on to a directory that is made in one with setgid', async () => {
    const files = await open()
    mkdirSync(join(root, 'shared'))
    chmodSync(join(root, 'shared'), 0o2775)
    await files.makeDirectory('shared/inner', 0o770)
    expect(of('shared/inner').mode).toBe('2770')
    files.release()
  })
})

describe.runIf(LINUX && IS_ROOT)('owner and group, on a node that runs as root', () => {
  test.each([
    ['by its handle', stagedWhole],
    ['by its name', staged],
  ])(
    'stay with a file that is edited, and new ones take the group of a setgid directory (staged %s)',
    async (_, make) => {
      const files = await open()
      mkdirSync(join(root, 'shared'))
      chownSync(join(root, 'shared'), OTHER, TEAM)
      chmodSync(join(root, 'shared'), 0o2775)
      writeFileSync(join(root, 'shared/note'), 'old')
      chownSync(join(root, 'shared/note'), OTHER, TEAM)
      chmodSync(join(root, 'shared/note'), 0o4664)
      await files.replace(await make(files, 'newer', 0o664), 'shared/note', await statOf(files, 'shared/note'))
      expect(of('shared/note')).toEqual({ mode: '4664', uid: OTHER, gid: TEAM })
      expect(await files.placeNew(await make(files, 'x', 0o664), 'shared/new')).toMatchObject({ kind: 'placed' })
      expect(of('shared/new')).toEqual({ mode: '664', uid: 0, gid: TEAM })
      await files.makeDirectory('shared/dir', 0o775)
      expect(of('shared/dir')).toEqual({ mode: '2775', uid: 0, gid: TEAM })
      expect(await files.placeNew(await make(files, 'x'), 'private')).toMatchObject({ kind: 'placed' })
      expect(of('private').gid).toBe(statSync(root).gid)
      files.release()
    },
  )

  test('as an ordinary user the group stays where that user is in it, and setuid goes with an owner that can not be kept', () => {
    mkdirSync(join(root, 'shared'))
    for (const name of ['team', 'theirs', 'foreign']) writeFileSync(join(root, 'shared', name), 'old')
    const told = asOrdinaryUser(
      root,
      `
      for (const name of ['team', 'theirs', 'foreign']) {
        await files.replace(await staged('newer', 0o775), 'shared/' + name, await files.stat('shared/' + name))
        const { uid, gid } = fs.lstatSync(root + '/shared/' + name)
        tell([name, modeOf('shared/' + name), uid, gid])
      }`,
      {
        groups: [TEAM],
        asRoot: `
          const own = (name, uid, gid, mode) => {
            fs.chownSync(root + '/shared/' + name, uid, gid)
            fs.chmodSync(root + '/shared/' + name, mode)
          }
          own('team', ${ORDINARY}, ${TEAM}, 0o2775)
          own('theirs', ${OTHER}, ${TEAM}, 0o6775)
          own('foreign', ${OTHER}, ${OTHER}, 0o6775)`,
      },
    )
    expect(told).toEqual([
      ['team', '2775', ORDINARY, TEAM],
      ['theirs', '2775', ORDINARY, TEAM],
      ['foreign', '775', ORDINARY, ORDINARY],
    ])
  })
})
