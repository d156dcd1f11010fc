import { Text } from '@mantine/core'
import type { HistogramReading } from '@causeway/protocol'
import { Meaning } from '../../parts/meaning.tsx'
import { useWidth } from '../../parts/use-width.ts'
import { barsOf, labelsThatFit } from './histogram-model.ts'
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
  const { box, width } = useWidth(0)
  const labelled = labelsThatFit(
    bars.map(({ label }) => label),
    width,
  )
  const counted = labelsThatFit(
    bars.map(({ count }) => short(count)),
    width,
  )
  return (
    <figure className={look.histogram}>
      <figcaption>
        <Text size="sm" c="dimmed">
          {title}
        </Text>
        <Text fw={600}>{figures}</Text>
      </figcaption>
      <div ref={box}>
        {bars.length > 0 && (
          <ol className={look.bars}>
            {bars.map(({ label, count, height, words }, index) => (
              <li key={label} title={words}>
                <span className="only-read">{words}</span>
                <span aria-hidden="true" className={look.count}>
                  {count > 0 && counted.has(index) ? short(count) : ''}
                </span>
                <span
                  aria-hidden="true"
                  className={look.bar}
                  style={{ height: height === 0 ? 0 : `${Math.max(2, height * 96)}px` }}
                />
                <span aria-hidden="true" className={look.bucket}>
                  {labelled.has(index) ? label : ''}
                </span>
              </li>
            ))}
          </ol>
        )}
        <Meaning label="What is measured" of={title}>
          {meaning}. Each bar counts what took up to the time below it.
        </Meaning>
      </div>
    </figure>
  )
}

/** Few characters wide, as the bars are narrow. */
function short(value: number): string {
  return value < 10_000 ? String(value) : `${Math.round(value / 1000)}k`
}
