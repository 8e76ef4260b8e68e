import { readFileSync } from "node:fs";

// Saved before it is watched.
const read = readFileSync;

/** Milliseconds that this process' main thread has waited for the CPU; 0 without Linux' /proc. */
export function queuedMs(): number {
  try {
    return Number(read("/proc/self/schedstat", "latin1").split(" ")[1]) / 1e6;
  } catch {
    return 0;
  }
}
