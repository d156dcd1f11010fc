import { expect, test } from 'vitest'
import { readTar } from './read-tar.ts'

test('plain files are read in the order of their paths, without the first directory; long names too', () => {
  const long = `${'deep/'.repeat(30)}file.js`
  const record = `path=package/${long}\n`
  const extended = `${String(record.length + 5).padStart(3, '0')} ${record}`
  const tar = Buffer.concat([
    entry('package/b.js', '0', 'second'),
    entry('package/directory', '5', ''),
    entry('pax', 'x', extended),
    entry('package/cut', '0', 'long'),
    entry('package/a.js', '0', 'x'.repeat(700)),
    Buffer.alloc(1024),
  ])
  expect(readTar(tar).map(({ path, bytes }) => [path, bytes.toString().slice(0, 6), bytes.length])).toEqual([
    ['a.js', 'xxxxxx', 700],
    ['b.js', 'second', 6],
    [long, 'long', 4],
  ])
})

function entry(name: string, kind: string, body: string): Buffer {
  const header = Buffer.alloc(512)
  header.write(name, 0)
  header.write(body.length.toString(8).padStart(11, '0'), 124)
  header.write(kind, 156)
  const padded = Buffer.alloc(Math.ceil(body.length / 512) * 512)
  padded.write(body)
  return Buffer.concat([header, padded])
}
