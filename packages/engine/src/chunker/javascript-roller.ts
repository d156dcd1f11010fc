import { GEAR } from './gear.ts'
import type { Roller } from './roller.ts'

/** A roller over any buffer, in plain JavaScript: works everywhere, at less than half the speed of the other. */
export function javascriptRoller(buffer: Uint8Array): Roller {
  let last = 0
  return {
    engine: 'javascript',
    buffer,
    hash: () => last,
    roll(from, to, hash, mask) {
      const gear = GEAR
      let h = hash
      let i = from
      // Four bytes a round: the loop's own cost is most of the time otherwise.
      for (const whole = to - 3; i < whole; i += 4) {
        h = ((h << 1) + gear[buffer[i]!]!) | 0
        if ((h & mask) === 0) return i + 1
        h = ((h << 1) + gear[buffer[i + 1]!]!) | 0
        if ((h & mask) === 0) return i + 2
        h = ((h << 1) + gear[buffer[i + 2]!]!) | 0
        if ((h & mask) === 0) return i + 3
        h = ((h << 1) + gear[buffer[i + 3]!]!) | 0
        if ((h & mask) === 0) return i + 4
      }
      for (; i < to; i++) {
        h = ((h << 1) + gear[buffer[i]!]!) | 0
        if ((h & mask) === 0) return i + 1
      }
      last = h
      return -1
    },
  }
}
