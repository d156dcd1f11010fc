import { FolderIdSchema, type RightsView } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { mayOf } from './may.ts'

const DOCS = FolderIdSchema.parse('docs')
const PHOTOS = FolderIdSchema.parse('photos')
const OTHER = FolderIdSchema.parse('other')

test('nothing is offered before it is known who looks, and everything to admins', () => {
  const nobody = mayOf(undefined)
  expect([nobody.administer, nobody.seeAll, nobody.change(DOCS)]).toEqual([false, false, false])
  const admin = mayOf({ administers: 'all', everywhere: 'editor', folders: [] })
  expect([admin.administer, admin.seeAll, admin.change(DOCS)]).toEqual([true, true, true])
})

test('others are offered changes in the folders that they edit', () => {
  const rights: RightsView = {
    administers: 'nothing',
    everywhere: null,
    folders: [
      { folder: DOCS, role: 'editor' },
      { folder: PHOTOS, role: 'viewer' },
    ],
  }
  const may = mayOf(rights)
  expect([DOCS, PHOTOS, OTHER].map((folder) => may.change(folder))).toEqual([true, false, false])
  expect([may.administer, may.seeAll]).toEqual([false, false])
})
