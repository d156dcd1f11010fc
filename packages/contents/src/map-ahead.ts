/** Results in order, with a few of them under way before they are asked for. */
export async function* mapAhead<Item, Result>(
  items: Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  most: number,
): AsyncGenerator<Result> {
  const source = items[Symbol.iterator]()
  const running: Promise<Result>[] = []
  let ended = false
  try {
    while (!ended || running.length > 0) {
      while (!ended && running.length < most) {
        const next = source.next()
        if (next.done === true) ended = true
        else running.push(work(next.value))
      }
      const first = running.shift()
      if (first !== undefined) yield await first
    }
  } finally {
    // Whoever stops reading early must not leave a failure that nobody hears.
    await Promise.allSettled(running)
  }
}
