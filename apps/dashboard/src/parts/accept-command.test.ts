import { expect, test } from 'vitest'
import { FolderIdSchema } from '@causeway/protocol'
import { acceptCommand, declineCommand } from './accept-command.ts'

const id = FolderIdSchema.parse('photos')

test('the name of a folder is one word to a shell, whatever it holds', () => {
  expect(acceptCommand({ id, name: 'Photos' })).toBe('bin/causeway accept Photos DIRECTORY')
  expect(declineCommand({ id, name: 'Our photos' })).toBe("bin/causeway decline 'Our photos'")
  expect(acceptCommand({ id, name: "Ada's photos; rm -rf ~" })).toBe(
    String.raw`bin/causeway accept 'Ada'\''s photos; rm -rf ~' DIRECTORY`,
  )
})
