import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import S3rver from 's3rver'

/** An S3 server that knows neither conditional writes nor checksums, in this process: where only speed matters. */
export interface LightS3 {
  readonly endpoint: string
  /** A bucket that is there. */
  readonly bucket: string
  /** What a client must have in its environment. */
  readonly env: { readonly AWS_ACCESS_KEY_ID: string; readonly AWS_SECRET_ACCESS_KEY: string }
  close(): Promise<void>
}

const BUCKET = 'packs'

export async function startLightS3(port = 0): Promise<LightS3> {
  const directory = await mkdtemp(join(tmpdir(), 'causeway-s3-'))
  const configureBuckets = [{ name: BUCKET }]
  const server = new S3rver({ address: '127.0.0.1', port, silent: true, directory, configureBuckets })
  const { port: taken } = await server.run()
  return {
    endpoint: `http://127.0.0.1:${taken}`,
    bucket: BUCKET,
    env: { AWS_ACCESS_KEY_ID: 'S3RVER', AWS_SECRET_ACCESS_KEY: 'S3RVER' },
    async close() {
      await server.close()
      await rm(directory, { recursive: true, force: true })
    },
  }
}
