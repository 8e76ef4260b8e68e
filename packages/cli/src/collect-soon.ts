import v8 from "node:v8";

/**
 * Keeps V8's young generation small. While modules load, V8 makes it 32 MB, and leaves it so: files and pixels that are
 * done with gather there. To be called before they load.
 */
export function collectSoon(): void {
  try {
    // V8 reads this flag whenever it would grow; the largest size itself is settled when Node starts.
    v8.setFlagsFromString("--semi-space-growth-factor=1");
  } catch {
    // The host has another engine.
  }
}
