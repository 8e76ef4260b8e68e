import { readFileSync } from "node:fs";

// Taken before anything watches it.
const read = readFileSync;

/** How long this process' main thread has been ready to run while others had the processor; 0 where Linux' /proc is missing. */
export function queuedMs(): number {
  try {
    return Number(read("/proc/self/schedstat", "latin1").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}
