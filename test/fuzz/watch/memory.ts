import { readFileSync, writeFileSync } from "node:fs";

// Taken before anything watches them.
const read = readFileSync;
const write = writeFileSync;

/** The most memory that the process held since `forgetPeak`, in bytes; where Linux' /proc is missing, what it holds now. */
export function peakBytes(): number {
  try {
    return 1024 * Number(/VmHWM:\s+(\d+)/.exec(read("/proc/self/status", "latin1"))?.[1]);
  } catch {
    return process.memoryUsage.rss();
  }
}

/** Makes what is held now the most. */
export function forgetPeak(): void {
  try {
    write("/proc/self/clear_refs", "5");
  } catch {
    // Then peaks of earlier cases hide those of later ones that are lower.
  }
}
