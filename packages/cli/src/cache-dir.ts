import { homedir } from "node:os";
import { join } from "node:path";

/** Where files that can be made again may lie: the XDG cache folder, `~/.cache` by default. */
export function cacheDir(name: string): string {
  return join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "mobilenets", name);
}
