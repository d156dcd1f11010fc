import { format, type CaseReport } from './report.ts'

/** The section that keeps what a run printed, and says how to read it. */
export function documentOf(machine: string, reports: readonly CaseReport[], quick: boolean): string {
  const printed = reports.map(format).join('\n\n')
  return `## Whole copies, one way and two

Whole processes on one machine over loopback, in one run, against plain \`rsync -az\` over a local rsync daemon.
Run it yourself: \`npm run bench\` (a few minutes), \`npm run bench -- --quick\` (to see that it runs),
\`npm run bench -- --help\` (the rest). \`npm run bench -- --write-docs\` writes this section.

### What was printed

${quick ? 'A **quick** run: a fraction of the work, no figures to rely on.\n\n' : ''}Machine: ${machine}.

\`\`\`text
${printed}
\`\`\`

### How to read it

- **Two hops against one.** rsync copies from client to daemon: one hop. Causeway copies from node to coordinator to a
  second node, and the coordinator keeps every version. So rsync is timed twice: up alone, and up followed by down into
  a second directory. The second is like for like.
- **When the clock stops.** For Causeway, when the last file is visible on the second node; by then it is durable on the
  coordinator: chunks fsynced, metadata committed at \`synchronous=FULL\`. rsync without \`--fsync\` leaves the writing to the
  system, so its files may still be lost to a power cut when its clock stops.
- **When it starts.** With the start of the sending process (the node, or the rsync client), on files that already lie
  there. Coordinator, receiving node and rsync daemon are up. All files are in the page cache.
- **Wire** is what passed a counting TCP proxy between the two processes, in the direction of the data and back,
  headers and framing included. The proxy runs in the benchmark's own process and takes processor time from both.
- **Peak memory** is the largest resident size (VmHWM): of each Causeway process; for rsync of the largest of its
  processes, sampled every 50 ms.
- **Small saves**: half of them new files, half edits, after ten saves to warm up, with random pauses of 20 to 80 ms in
  between. The clock runs from just before the write to the system's notice that the file with those bytes is there. The
  rsync line is two runs of rsync, started right after the save: what a script would do that knew when to run it.
- After each copy, outside the clock, every hash, mode and time is compared with the source.
`
}
