/** A plan that several nodes wrote on, oldest version first. */
export const PLAN: { readonly path: string; readonly versions: readonly string[] } = {
  path: 'Garden/Planting plan.md',
  versions: [
    `# Planting plan

| bed | spring  | summer |
| --- | ------- | ------ |
| 1   | peas    | beans  |
| 2   | spinach |        |

- [ ] order seeds
- [ ] mend the gate
`,
    `# Planting plan

| bed | spring  | summer    |
| --- | ------- | --------- |
| 1   | peas    | beans     |
| 2   | spinach | courgette |

- [x] order seeds
- [ ] mend the gate
`,
    `# Planting plan

| bed | spring  | summer    |
| --- | ------- | --------- |
| 1   | peas    | beans     |
| 2   | spinach | courgette |
| 3   | onions  | onions    |

- [x] order seeds
- [ ] mend the gate
- [ ] compost on bed 3
`,
    `# Planting plan

| bed | spring     | summer    |
| --- | ---------- | --------- |
| 1   | broad beans | beans     |
| 2   | spinach    | courgette |
| 3   | onions     | onions    |

- [x] order seeds
- [x] mend the gate
- [ ] compost on bed 3

The peas were eaten by pigeons: broad beans instead.
`,
  ],
}

export const DRAFT: { readonly path: string; readonly text: string } = {
  path: 'Notes/Draft of a letter.txt',
  text: 'Dear harbour office,\n\nthe gauge at the old pier reads four centimetres too low.\n',
}

/** A file that two nodes save at once, each with a line of its own. */
export const MEETING: {
  readonly path: string
  readonly first: string
  readonly here: string
  readonly there: string
} = {
  path: 'Journey/Meeting point.md',
  first: `# Meeting point

To be settled.
`,
  here: `# Meeting point

At the **lighthouse**, at ten. Bring the good thermos.
`,
  there: `# Meeting point

At the **harbour**, at half past nine: the tide turns early.
`,
}
