/** What the address of a page can say. One name means the same on every page that has it. */
const NAMES = [
  'folder',
  'path',
  'entry',
  'node',
  'view',
  'tab',
  'sort',
  'q',
  'select',
  'versions',
  'conflict',
  'time',
  'way',
  'content',
  'order',
  'by',
  'kinds',
  'event',
  'action',
] as const

export type AddressName = (typeof NAMES)[number]

/** Where a page's choices are kept, so that a link, Back and a reload show the same. What is not there is as usual. */
export type Address = { readonly [Name in AddressName]?: string }

/** What of an address is known. Numbers are words here: the router reads `q=1984` as a number. */
export function addressOf(given: Readonly<Record<string, unknown>>): Address {
  const known: { [Name in AddressName]?: string } = {}
  for (const name of NAMES) {
    const value = given[name]
    const word = typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
    if (typeof word === 'string' && word !== '') known[name] = word
  }
  return known
}

/** The address after a change; `undefined` and the empty word take a name out of it. */
export function addressAfter(
  before: Address,
  change: { readonly [Name in AddressName]?: string | undefined },
): Address {
  return addressOf({ ...before, ...change })
}

/** The words of a list, such as `12,15`; of an empty one none. */
export function listed(word: string | undefined): readonly string[] {
  return word === undefined || word === '' ? [] : word.split(',')
}

/** The positions in a list; whatever is none is left out. */
export function positions(word: string | undefined): readonly number[] {
  return listed(word)
    .map(Number)
    .filter((position) => Number.isSafeInteger(position) && position > 0)
}
