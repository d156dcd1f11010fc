import { FolderIdSchema, type FolderRole, type GrantedRole } from '@causeway/protocol'
import { expect, test } from 'vitest'
import { roleWords } from './role-words.ts'

const folder = (id: string) => FolderIdSchema.parse(id)
const FOLDERS = [
  { id: folder('docs'), name: 'Docs' },
  { id: folder('photos'), name: 'Photos' },
]
const plain = (text: string) => text.replaceAll(/[\u2068\u2069]/g, '')
const words = (...roles: [string, FolderRole][]) => {
  const granted: GrantedRole[] = roles.map(([id, role]) => ({ folder: folder(id), role }))
  return plain(roleWords({ isAdmin: false, roles: granted }, FOLDERS))
}

test('what somebody may do is said by the names of their folders', () => {
  expect(roleWords({ isAdmin: true, roles: [] }, FOLDERS)).toBe('everything (admin)')
  expect(words()).toBe('nothing yet')
  expect(words(['docs', 'viewer'])).toBe('view Docs')
  expect(words(['docs', 'viewer'], ['photos', 'editor'])).toBe('change Photos; view Docs')
  expect(words(['gone', 'editor'])).toBe('change gone')
})
