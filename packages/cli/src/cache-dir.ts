import { homedir } from "node:os";
import { join } from "node:path";

/** A folder for files that can be made again, in the XDG cache folder, by default `~/.cache`. */
export function cacheDir(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mobilenets", name);
}
