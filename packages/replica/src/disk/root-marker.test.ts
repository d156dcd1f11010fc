import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { FolderId } from '@causeway/protocol'
import { describe, expect, test } from 'vitest'
import { bindRoot, boundFolder, isRootOf, unbindRoot } from './root-marker.ts'
import { base, FOLDER, nonce, open, root, staged, withCode, useBoundRoot } from './test-support/bound-root.ts'

useBoundRoot()

describe('the root', () => {
  test('a root that is bound again keeps its nonce', () => {
    expect(bindRoot(root, FOLDER)).toBe(nonce)
  })

  test("another folder's root, a directory within a root, and a file are refused", () => {
    writeFileSync(join(base, 'file'), 'x')
    expect(() => bindRoot(root, 'other' as FolderId)).toThrow(/already belongs to the folder documents/)
    expect(() => bindRoot(join(root, 'inner'), 'other' as FolderId)).toThrow(/lies inside/)
    expect(() => bindRoot(join(base, 'file'), FOLDER)).toThrow(/something else than a directory/)
    mkdirSync(join(base, 'trap'))
    symlinkSync(base, join(base, 'trap', '.causeway'))
    expect(() => bindRoot(join(base, 'trap'), FOLDER)).toThrow(/is not a directory/)
  })

  test('a root without its marker is missing, and so is no root at all', async () => {
    const files = await open()
    rmSync(join(root, '.causeway', 'marker.json'))
    await expect(files.checkRoot()).rejects.toSatisfy(withCode('root-missing'))
    await expect(open()).rejects.toSatisfy(withCode('root-missing'))
    rmSync(root, { recursive: true })
    await expect(files.checkRoot()).rejects.toSatisfy(withCode('root-missing'))
    await expect(files.list('')).rejects.toSatisfy(withCode('root-missing'))
    await expect(open()).rejects.toSatisfy(withCode('root-missing'))
  })

  test('a marker of another folder, with another nonce, or that is no marker, is foreign', async () => {
    const files = await open()
    const markers = [
      { folder: 'other', nonce, version: 1 },
      { folder: FOLDER, nonce: 'another', version: 1 },
      { folder: FOLDER },
    ]
    for (const marker of markers) {
      writeFileSync(join(root, '.causeway', 'marker.json'), JSON.stringify(marker))
      await expect(files.checkRoot()).rejects.toSatisfy(withCode('root-foreign'))
      await expect(open()).rejects.toSatisfy(withCode('root-foreign'))
    }
  })

  test("a newer version's marker is refused as that", async () => {
    writeFileSync(join(root, '.causeway', 'marker.json'), JSON.stringify({ folder: FOLDER, nonce, version: 99 }))
    await expect(open()).rejects.toSatisfy(withCode('newer-format'))
  })

  test('a copy in the place of the root is foreign, and nothing is written to it', async () => {
    const files = await open()
    const file = await staged(files, 'new')
    renameSync(root, join(base, 'moved'))
    execFileSync('cp', ['-a', join(base, 'moved'), root])
    await expect(files.checkRoot()).rejects.toSatisfy(withCode('root-foreign'))
    await expect(files.placeNew(file, 'file')).rejects.toSatisfy(withCode('root-missing'))
    await expect(files.list('')).rejects.toSatisfy(withCode('root-missing'))
    expect([existsSync(join(root, 'file')), existsSync(join(base, 'moved', 'file'))]).toEqual([false, false])
  })

  test('what an earlier run left in the staging area is cleared, what is staged now is not', async () => {
    const files = await open()
    writeFileSync(join(root, '.causeway', 'staging', 'left'), 'x')
    mkdirSync(join(root, '.causeway', 'staging', 'dir'))
    const begun = await files.stage(0)
    const done = await staged(files, 'now')
    await files.clearStaging()
    expect(readdirSync(join(root, '.causeway', 'staging'))).toHaveLength(2)
    expect(await files.placeNew(done, 'file')).toMatchObject({ kind: 'placed' })
    await begun.discard()
    expect(readdirSync(join(root, '.causeway', 'staging'))).toEqual([])
  })

  test('a root that is bound no longer keeps its files, and gives up what was only kept to send less', () => {
    writeFileSync(join(root, 'file'), 'x')
    const own = join(root, '.causeway')
    for (const name of ['bases', 'staging', 'displaced']) {
      mkdirSync(join(own, name), { recursive: true })
      writeFileSync(join(own, name, 'a'), 'a')
    }
    unbindRoot(root, { folder: FOLDER, nonce: 'of another copy', keepMarker: false })
    expect(readdirSync(own).toSorted()).toEqual(['bases', 'displaced', 'marker.json', 'staging'])
    unbindRoot(root, { folder: FOLDER, nonce, keepMarker: true })
    expect(readdirSync(own).toSorted()).toEqual(['displaced', 'marker.json'])
    expect(isRootOf(root, FOLDER, nonce)).toBe(true)
    expect(bindRoot(root, FOLDER)).toBe(nonce)
    unbindRoot(root, { folder: FOLDER, nonce, keepMarker: false })
    expect(isRootOf(root, FOLDER, nonce)).toBe(false)
    expect(boundFolder(root)).toBeUndefined()
    unbindRoot(join(base, 'nowhere'), { folder: FOLDER, nonce, keepMarker: false })
    expect(readdirSync(root).toSorted()).toEqual(['.causeway', 'file'])
  })
})
