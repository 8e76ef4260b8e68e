import { createRequire } from "node:module";

/** Whether Node finds the optional package that decodes HEIC. */
export function canDecodeHeic(): boolean {
  try {
    createRequire(import.meta.url).resolve("heic-decode");
    return true;
  } catch {
    return false;
  }
}
