import { element } from "./dom.ts";

/** Milliseconds after which a browser has surely begun to read what it saves. */
const KEPT = 60_000;

/** Saves a file under a name, as a download does. */
export function saveFile(file: Blob, name: string): void {
  const url = URL.createObjectURL(file);
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), KEPT);
}
