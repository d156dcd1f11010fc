import { expect, test } from 'vitest'
import { acceptCommand } from './accept-command.ts'

test('the name of a folder is one word to a shell, whatever it holds', () => {
  expect(acceptCommand('Photos')).toBe('bin/causeway accept Photos DIRECTORY')
  expect(acceptCommand("Ada's photos; rm -rf ~")).toBe(
    String.raw`bin/causeway accept 'Ada'\''s photos; rm -rf ~' DIRECTORY`,
  )
})
