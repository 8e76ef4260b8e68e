import { createRequire } from "node:module";

/** Whether the optional package that decodes HEIC in Node is installed where the library would look for it. */
export function canDecodeHeic(): boolean {
  try {
    createRequire(import.meta.url).resolve("heic-decode");
    return true;
  } catch {
    return false;
  }
}
