import { execFileSync } from "node:child_process"

/** Makes a named pipe at this path. Node itself has no call for it. */
export const makePipe = (path: string): void => {
  execFileSync("sh", ["-c", 'mkfifo "$0"', path])
}
