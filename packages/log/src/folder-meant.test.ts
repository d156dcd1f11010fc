import { expect, test } from 'vitest'
import type { FolderId } from '@causeway/protocol'
import { folderIdOf, folderMeant } from './folder-meant.ts'

const PHOTOS = { id: 'photos' as FolderId, name: 'Photos' }
const PAPERS = { id: 'my-papers' as FolderId, name: 'My papers' }

test('a folder is meant by its id, its name, or a name that has the same id', () => {
  for (const text of ['my-papers', 'My papers', 'my PAPERS']) expect(folderMeant([PHOTOS, PAPERS], text)).toBe(PAPERS)
})

test('a name that no folder has is refused with the names there are', () => {
  expect(() => folderMeant([PHOTOS, PAPERS], 'Fotos')).toThrow(
    'there is no folder named Fotos. There are: Photos, My papers.',
  )
  expect(() => folderMeant([PHOTOS], 'Fotos')).toThrow('There is: Photos.')
  expect(() => folderMeant([], 'Fotos')).toThrow(expect.objectContaining({ code: 'not-found' }))
})

test('without a name the only folder is meant, and of several none', () => {
  expect(folderMeant([PHOTOS], undefined)).toBe(PHOTOS)
  expect(() => folderMeant([PHOTOS, PAPERS], undefined)).toThrow('which folder? There are: Photos, My papers.')
  expect(() => folderMeant([], undefined)).toThrow('There is no folder yet')
})

test('an id is made of the letters and digits of a name, and a name without any has none', () => {
  expect(folderIdOf('  Fotos & Ähnliches ')).toBe('fotos-a-hnliches')
  expect(() => folderIdOf('…')).toThrow(expect.objectContaining({ code: 'bad-request' }))
})
