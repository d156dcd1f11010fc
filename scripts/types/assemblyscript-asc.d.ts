/**
 * The part of the AssemblyScript compiler that is used here. Its own types
 * declare globals of its language (a `console` without `error`, say), which
 * would hide Node's everywhere.
 */
interface Text {
  toString(): string
}

export declare function main(
  argv: string[],
  api: {
    stdout?: { write(chunk: string | Uint8Array): void }
    stderr?: { write(chunk: string | Uint8Array): void }
    readFile?: (filename: string, baseDir: string) => string | null | Promise<string | null>
    writeFile?: (filename: string, contents: string | Uint8Array, baseDir: string) => void | Promise<void>
    listFiles?: (dirname: string, baseDir: string) => string[] | null | Promise<string[] | null>
  },
): Promise<{ error: Error | null; stdout: Text; stderr: Text }>
