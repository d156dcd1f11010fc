import { expect, test } from 'vitest'
import { compileFastCdc } from '../../scripts/build-wasm.ts'
import { FASTCDC_WASM_BASE64 } from './fastcdc-wasm.ts'

// If this fails after a change to assembly/fastcdc.ts, run `node packages/engine/scripts/build-wasm.ts`.
test('the committed module is what its source compiles to', async () => {
  expect(await compileFastCdc()).toBe(FASTCDC_WASM_BASE64)
})
