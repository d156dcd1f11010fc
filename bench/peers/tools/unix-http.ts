import { request } from 'node:http'

/** A JSON call over a UNIX socket. Throws on any status but 2xx. */
export function callUnix(
  socketPath: string,
  call: { readonly method: string; readonly path: string; readonly key: string; readonly body?: unknown },
): Promise<unknown> {
  const { method, path, key, body } = call
  return new Promise((resolve, reject) => {
    const headers = { 'x-api-key': key, 'content-type': 'application/json' }
    const asked = request({ socketPath, method, path, headers }, (answer) => {
      let text = ''
      answer.setEncoding('utf8').on('data', (part: string) => (text += part))
      answer.on('error', reject)
      answer.on('end', () => {
        const status = answer.statusCode ?? 0
        if (status < 200 || status > 299) reject(new Error(`${method} ${path}: ${status} ${text}`))
        else resolve(text === '' ? undefined : JSON.parse(text))
      })
    })
    asked.on('error', reject)
    asked.setTimeout(10_000, () => asked.destroy(new Error(`${method} ${path}: no answer`)))
    asked.end(body === undefined ? undefined : JSON.stringify(body))
  })
}
