import { expect, test } from 'vitest'
import { World } from '../test-support/world.ts'

test('a removal is counted by the topmost directories that go whole, and by those that stay and lose files', async () => {
  const world = new World()
  const atlas = world.join('atlas')
  for (let index = 0; index < 20; index++) atlas.user.write(`photos/2024/may/${index}`, '12345')
  for (let index = 0; index < 5; index++) atlas.user.write(`photos/2024/${index}`, '1')
  for (let index = 0; index < 6; index++) atlas.user.write(`notes/${index}`, '12')
  atlas.user.write('top', '123')
  await world.settle()
  atlas.user.remove('photos/2024')
  atlas.user.remove('top')
  for (let index = 0; index < 4; index++) atlas.user.remove(`notes/${index}`)
  expect((await atlas.cycle()).halted?.held).toEqual({
    from: 'here',
    files: 30,
    bytes: 116,
    directories: [
      { path: 'photos/2024', whole: true, files: 25, bytes: 105 },
      { path: 'notes', whole: false, files: 4, bytes: 8 },
      { path: '', whole: false, files: 1, bytes: 3 },
    ],
    moreDirectories: 0,
  })
  world.close()
})
