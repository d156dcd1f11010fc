import { crc32, deflateSync } from 'node:zlib'

type Colour = readonly [red: number, green: number, blue: number]

/** A picture made in code: a low sun over water, as a PNG. */
export function sunset(width: number, height: number): Uint8Array {
  const horizon = Math.round(height * 0.62)
  const sun = { x: width * 0.5, y: horizon - height * 0.06, radius: height * 0.16 }
  return picture(width, height, (x, y) => (y < horizon ? skyAt(x, y) : waterAt(x, y)))

  function skyAt(x: number, y: number): Colour {
    const distance = Math.hypot(x - sun.x, y - sun.y)
    if (distance < sun.radius) return [255, 236, 179]
    const glow = Math.exp(-(distance - sun.radius) / (height * 0.35))
    return mix([38, 50, 110], [255, 138, 76], Math.max(y / horizon - 0.15, glow))
  }

  function waterAt(x: number, y: number): Colour {
    const depth = (y - horizon) / (height - horizon)
    const ripple = Math.sin(y * 1.7 + Math.sin(x * 0.05) * 2) * 0.5 + 0.5
    const reflection = Math.max(0, 1 - Math.abs(x - sun.x) / (sun.radius * (1 + depth * 1.5))) * ripple
    return mix([18, 40, 78], [255, 196, 120], reflection * (1 - depth * 0.6))
  }
}

/** A lighthouse by night whose beam goes out over the sea, as a PNG. */
export function lighthouse(width: number, height: number): Uint8Array {
  const lamp = { x: width * 0.3, y: height * 0.3 }
  const shore = height * 0.78
  return picture(width, height, (x, y) => {
    const across = Math.abs(x - lamp.x) / width
    if (y > lamp.y && y < shore && across < 0.018 + ((y - lamp.y) / height) * 0.03) return stripeAt(y)
    if (Math.hypot(x - lamp.x, y - lamp.y) < height * 0.035) return [255, 247, 205]
    if (y > shore && x < width * 0.5 - (y - shore) * 0.4) return [14, 18, 22]
    const sky = mix([9, 14, 38], [34, 52, 92], y / height)
    return y > shore ? mix([10, 24, 44], sky, 0.35) : mix(sky, [255, 240, 190], beamAt(x, y))
  })

  function stripeAt(y: number): Colour {
    return Math.floor((y - lamp.y) / (height * 0.09)) % 2 === 0 ? [222, 222, 226] : [176, 52, 46]
  }

  function beamAt(x: number, y: number): number {
    if (x < lamp.x) return 0
    const spread = Math.abs(Math.atan2(y - lamp.y, x - lamp.x) + 0.12)
    return Math.max(0, 1 - spread / 0.09) * Math.exp(-(x - lamp.x) / (width * 0.6)) * 0.85
  }
}

/** Three garden beds from above, as an SVG. */
export function beds(): string {
  const colours = ['#86a873', '#bb8a52', '#c9b458']
  const drawn = ['Broad beans', 'Courgette', 'Onions'].map((name, at) => {
    const y = 20 + at * 70
    const plants = Array.from(
      { length: 9 },
      (_, plant) => `<circle cx="${50 + plant * 30}" cy="${y + 25}" r="9" fill="${colours[at]}"/>`,
    )
    return `<rect x="20" y="${y}" width="300" height="50" rx="6" fill="#5b4636"/>${plants.join('')}<text x="336" y="${y + 31}">${name}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 460 230" font-family="sans-serif" font-size="16">
<rect width="460" height="230" fill="#f4f1ea"/>
${drawn.join('\n')}
</svg>
`
}

function mix(from: Colour, to: Colour, share: number): Colour {
  const clamped = Math.min(Math.max(share, 0), 1)
  const part = (a: number, b: number): number => Math.round(a + (b - a) * clamped)
  return [part(from[0], to[0]), part(from[1], to[1]), part(from[2], to[2])]
}

/** A PNG, pixel by pixel. */
function picture(width: number, height: number, colourAt: (x: number, y: number) => Colour): Uint8Array {
  const rows = Buffer.alloc((width * 3 + 1) * height)
  for (let y = 0; y < height; y++) {
    // Every row begins with its filter's number; 0 is none.
    for (let x = 0; x < width; x++) rows.set(colourAt(x, y), y * (width * 3 + 1) + 1 + x * 3)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  // 8 bits a channel, red green blue, no interlacing.
  header.set([8, 2, 0, 0, 0], 8)
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  return Buffer.concat([
    signature,
    block('IHDR', header),
    block('IDAT', deflateSync(rows)),
    block('IEND', Buffer.alloc(0)),
  ])
}

function block(type: string, data: Uint8Array): Uint8Array {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const length = Buffer.alloc(4)
  length.writeUInt32BE(data.length)
  const checksum = Buffer.alloc(4)
  checksum.writeUInt32BE(crc32(named))
  return Buffer.concat([length, named, checksum])
}
