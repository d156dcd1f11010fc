import { expect, test } from 'vitest'
import { describeS3Place, parseS3Place } from './s3-place.ts'

const MIB = 1024 * 1024

test('a bucket alone is one at Amazon, with the usual sizes', () => {
  expect(parseS3Place('s3://my-bucket')).toEqual({
    bucket: 'my-bucket',
    prefix: '',
    endpoint: undefined,
    region: 'us-east-1',
    pathStyle: false,
    packBytes: 16 * MIB,
    cacheBytes: 4096 * MIB,
  })
})

test('every option is read, and a store of one’s own is addressed by path', () => {
  const place = parseS3Place('s3://b.1/a/b%20c/?endpoint=http://127.0.0.1:9000/&region=eu&pack-mib=64&cache-mib=0')
  expect(place).toEqual({
    bucket: 'b.1',
    prefix: 'a/b c/',
    endpoint: 'http://127.0.0.1:9000',
    region: 'eu',
    pathStyle: true,
    packBytes: 64 * MIB,
    cacheBytes: 0,
  })
  expect(describeS3Place(place)).toBe('s3://b.1/a/b c/ at http://127.0.0.1:9000')
  expect(parseS3Place('s3://bkt?endpoint=https://s3.example.org&path-style=false').pathStyle).toBe(false)
})

test.each([
  ['http://bucket', 's3://BUCKET'],
  ['not a url', 's3://BUCKET'],
  ['s3:///prefix', 'no bucket name'],
  ['s3://B_/x', 'no bucket name'],
  ['s3://key:secret@bucket', 'AWS_ACCESS_KEY_ID'],
  ['s3://bucket?endpoint=nowhere', 'endpoint must be'],
  ['s3://bucket?endpoint=http://key:secret@host', 'endpoint must be'],
  ['s3://bucket?path-style=yes', 'path-style must be'],
  ['s3://bucket?pack-mib=3', 'pack-mib must be a whole number from 4 to 64'],
  ['s3://bucket?pack-mib=65', 'pack-mib must be a whole number from 4 to 64'],
  ['s3://bucket?cache-mib=-1', 'cache-mib must be'],
  ['s3://bucket?regoin=x', 'no option regoin'],
])('%s is refused with what is wrong, and no secret is repeated', (text, words) => {
  const refusal = (): unknown => parseS3Place(text)
  expect(refusal).toThrow(expect.objectContaining({ code: 'bad-request', message: expect.stringContaining(words) }))
  expect(refusal).not.toThrow(/secret@|key:secret/)
})
