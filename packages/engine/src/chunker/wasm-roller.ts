import { FASTCDC_WASM_BASE64 } from './fastcdc-wasm.ts'
import { GEAR } from './gear.ts'
import type { Roller } from './roller.ts'

/**
 * A roller in WebAssembly with a buffer of at least `bufferBytes` of its own.
 * `undefined` where WebAssembly is missing or a content policy forbids it.
 */
export function wasmRoller(bufferBytes: number): Roller | undefined {
  const exports = instantiate()
  if (exports === undefined) return undefined
  const { memory, roll, hash } = exports
  // Grown once, before the first view: growing later would detach the buffer under the caller.
  const missing = BUFFER_AT + bufferBytes - memory.buffer.byteLength
  if (missing > 0) memory.grow(Math.ceil(missing / PAGE_BYTES))
  const view = new DataView(memory.buffer)
  GEAR.forEach((word, value) => {
    view.setInt32(value * 4, word, true)
    view.setUint32(GEAR_DOUBLED_AT + value * 8, word << 1, true)
    view.setUint32(GEAR_DOUBLED_AT + value * 8 + 4, word >>> 31, true)
  })
  return {
    engine: 'wasm',
    buffer: new Uint8Array(memory.buffer, BUFFER_AT, bufferBytes),
    hash,
    roll(from, to, start, mask) {
      const end = roll(BUFFER_AT + from, BUFFER_AT + to, start, mask)
      return end === 0 ? -1 : end - BUFFER_AT
    },
  }
}

const PAGE_BYTES = 65_536
const GEAR_DOUBLED_AT = 1024
const BUFFER_AT = 4096

interface FastCdcExports {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number }
  roll(from: number, to: number, hash: number, mask: number): number
  hash(): number
}

/** The little of WebAssembly that is used here: its types ship only with the DOM's. */
interface WebAssemblyApi {
  readonly Module: new (bytes: Uint8Array) => object
  readonly Instance: new (module: object) => { readonly exports: FastCdcExports }
}

declare const WebAssembly: WebAssemblyApi | undefined

/** Compiled once; `null` where that failed. */
let compiled: object | null | undefined

function instantiate(): FastCdcExports | undefined {
  if (typeof WebAssembly === 'undefined') return undefined
  if (compiled === undefined) compiled = compile(WebAssembly)
  return compiled === null ? undefined : new WebAssembly.Instance(compiled).exports
}

function compile(api: WebAssemblyApi): object | null {
  try {
    return new api.Module(decodeBase64(FASTCDC_WASM_BASE64))
  } catch {
    // A content policy without `wasm-unsafe-eval` refuses to compile: the plain roller gives the same cuts.
    return null
  }
}

const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

function decodeBase64(text: string): Uint8Array {
  const digits = text.replace(/=+$/, '')
  const bytes = new Uint8Array(Math.floor((digits.length * 3) / 4))
  let bits = 0
  let held = 0
  let at = 0
  for (const digit of digits) {
    bits = (bits << 6) | BASE64.indexOf(digit)
    held += 6
    if (held < 8) continue
    held -= 8
    bytes[at++] = (bits >> held) & 0xff
    bits &= (1 << held) - 1
  }
  return bytes
}
