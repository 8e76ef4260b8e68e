import { readFileSync, writeFileSync } from "node:fs";

// Saved before it is watched.
const read = readFileSync;
const write = writeFileSync;

/** Peak memory of the process since `forgetPeak`, in bytes; without Linux' /proc, its current memory. */
export function peakBytes(): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(read("/proc/self/status", "latin1"))?.[1]);
  } catch {
    return process.memoryUsage.rss();
  }
}

/** Resets the peak to the current memory. */
export function forgetPeak(): void {
  try {
    write("/proc/self/clear_refs", "5");
  } catch {
    // Without it, peaks of earlier cases hide lower ones of later cases.
  }
}
