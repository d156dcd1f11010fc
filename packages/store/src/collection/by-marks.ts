import type { CollectionOptions } from './collection-options.ts'

/** What is to become of names by the marks they bear. */
export interface ByMarks<Name extends string> {
  /** Marked, and in use after all. */
  readonly usedAgain: readonly string[]
  /** Unused, and not marked yet. */
  readonly fresh: readonly Name[]
  /** Unused since at least the grace, each with the mark that was seen. */
  readonly ripe: readonly (readonly [Name, string])[]
}

export function byMarks<Name extends string>(
  unused: readonly Name[],
  marks: ReadonlyMap<string, string>,
  { now, graceMs }: Pick<CollectionOptions, 'now' | 'graceMs'>,
): ByMarks<Name> {
  const names = new Set<string>(unused)
  return {
    usedAgain: [...marks.keys()].filter((name) => !names.has(name)),
    fresh: unused.filter((name) => !marks.has(name)),
    ripe: unused.flatMap((name): [Name, string][] => {
      const mark = marks.get(name)
      return mark !== undefined && Date.parse(mark) + graceMs <= now() ? [[name, mark]] : []
    }),
  }
}
