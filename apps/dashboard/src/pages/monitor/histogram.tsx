import { Text } from '@mantine/core'
import type { HistogramReading } from '@causeway/protocol'
import { barsOf } from './histogram-model.ts'
import look from './monitor.module.css'

export interface HistogramProps {
  readonly title: string
  /** From what to what it is measured. */
  readonly meaning: string
  readonly reading: HistogramReading
  readonly boundsMs: readonly number[]
  /** The median and the slowest one in a hundred, in words. */
  readonly figures: string
}

/** How often something took how long: a bar for each bucket, each with its number. */
export function Histogram({ title, meaning, reading, boundsMs, figures }: HistogramProps) {
  const bars = barsOf(reading, boundsMs)
  return (
    <figure className={look.histogram}>
      <figcaption>
        <Text size="sm" fw={600}>
          {title}
        </Text>
        <Text size="xs" c="dimmed">
          {meaning}
        </Text>
        <Text size="sm">{figures}</Text>
      </figcaption>
      {bars.length > 0 && (
        <ol className={look.bars}>
          {bars.map(({ label, count, height, words }) => (
            <li key={label} title={words}>
              <span className="only-read">{words}</span>
              <span aria-hidden="true" className={look.count}>
                {count > 0 ? short(count) : ''}
              </span>
              <span
                aria-hidden="true"
                className={look.bar}
                style={{ height: height === 0 ? 0 : `${Math.max(2, height * 96)}px` }}
              />
              <span aria-hidden="true" className={look.bucket}>
                {label}
              </span>
            </li>
          ))}
        </ol>
      )}
    </figure>
  )
}

/** Few characters wide, as the bars are narrow. */
function short(value: number): string {
  return value < 10_000 ? String(value) : `${Math.round(value / 1000)}k`
}
