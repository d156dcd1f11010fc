/**
 * `npm run icons`: draws the dashboard's icons from `icon.svg`, in the sizes and forms that browsers and systems ask for.
 * The results are kept in the repository: this is run again only when the drawing has changed.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { chromium, type Browser } from 'playwright-core'
import { findBrowser } from './bootstrap/browser.mjs'

const FOLDER = join(import.meta.dirname, '../apps/dashboard/public')
const ICO_SIZES = [16, 32, 48]

interface Form {
  readonly size: number
  /** Colours the whole square and draws smaller, for systems that cut their own shape out of it. */
  readonly isCut?: true
}

async function main(): Promise<void> {
  const executablePath = findBrowser()
  if (executablePath === undefined) throw new Error('There is no Chromium. `npm test -- --only browser` installs one.')
  const svg = await readFile(join(FOLDER, 'icon.svg'), 'utf8')
  const browser = await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'] })
  try {
    const draw = (form: Form): Promise<Buffer> => drawn(browser, svg, form)
    const files: Readonly<Record<string, Buffer>> = {
      'icon-192.png': await draw({ size: 192 }),
      'icon-512.png': await draw({ size: 512 }),
      'icon-maskable-512.png': await draw({ size: 512, isCut: true }),
      'apple-touch-icon.png': await draw({ size: 180, isCut: true }),
      'favicon.ico': icoOf(await Promise.all(ICO_SIZES.map(async (size) => ({ size, png: await draw({ size }) })))),
    }
    for (const [name, bytes] of Object.entries(files)) {
      await writeFile(join(FOLDER, name), bytes)
      console.log(`${name}: ${bytes.length} bytes`)
    }
  } finally {
    await browser.close()
  }
}

async function drawn(browser: Browser, svg: string, { size, isCut }: Form): Promise<Buffer> {
  const page = await browser.newPage({ viewport: { width: size, height: size } })
  const background = /<rect[^>]*fill="([^"]+)"/.exec(svg)?.[1] ?? 'none'
  // Four fifths of the square are sure to be seen whatever shape is cut out.
  const inner = Math.round(size * (isCut ? 0.8 : 1))
  const picture = `<img width="${inner}" height="${inner}" src="data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}">`
  await page.setContent(
    `<body style="margin:0;display:grid;place-items:center;height:100vh;background:${isCut ? background : 'none'}">${picture}`,
  )
  const png = await page.screenshot({ omitBackground: true })
  await page.close()
  return png
}

/** An ICO file around PNG pictures: a directory of 16 bytes each, then the pictures. */
function icoOf(pictures: readonly { readonly size: number; readonly png: Buffer }[]): Buffer {
  const head = Buffer.alloc(6 + pictures.length * 16)
  head.writeUInt16LE(1, 2)
  head.writeUInt16LE(pictures.length, 4)
  let offset = head.length
  for (const [at, { size, png }] of pictures.entries()) {
    const line = 6 + at * 16
    head.writeUInt8(size, line)
    head.writeUInt8(size, line + 1)
    head.writeUInt16LE(1, line + 4)
    head.writeUInt16LE(32, line + 6)
    head.writeUInt32LE(png.length, line + 8)
    head.writeUInt32LE(offset, line + 12)
    offset += png.length
  }
  return Buffer.concat([head, ...pictures.map(({ png }) => png)])
}

await main()
