import { LIMITS } from './limits.ts'
import type { FolderReport } from './link.ts'

/** A report as it can be sent: of more problems the first, of longer texts the beginning. */
export function fitReport(report: FolderReport): FolderReport {
  const { problems, halted } = report
  return {
    ...report,
    problems: problems.slice(0, LIMITS.problemsPerReport).map(({ path, code, message }) => ({
      path: clip(path, LIMITS.pathBytes),
      code: clip(code, LIMITS.codeCharacters),
      message: clip(message, LIMITS.messageCharacters),
    })),
    ...(halted !== undefined &&
      halted !== null && {
        halted: {
          ...halted,
          reason: clip(halted.reason, LIMITS.messageCharacters),
          sample: halted.sample.slice(0, LIMITS.samplesPerHalt).map((path) => clip(path, LIMITS.pathBytes)),
        },
      }),
  }
}

function clip(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`
}
