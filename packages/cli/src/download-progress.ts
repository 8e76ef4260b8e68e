import type { Progress } from "mobilenets";
import { duration, type Screen } from "./extract/progress.ts";
import { printable } from "./printable.ts";

/** The progress of a download, on a terminal or in a log file. */

const MB = 1e6;

/** `mobilenet_1_0_224_tf.h5  3.1/17.2 MB  18%  2.4 MB/s  about 6s left` */
export function downloadLine({ url, received, total }: Progress, start: number, seconds: number): string {
  const name = printable(url.slice(url.lastIndexOf("/") + 1));
  const parts = [name, `${megabytes(received)}${total ? `/${megabytes(total)}` : ""} MB`];
  if (total) parts.push(`${Math.floor((100 * received) / total)}%`);
  const rate = (received - start) / seconds;
  if (rate > 0 && Number.isFinite(rate)) {
    parts.push(`${megabytes(rate)} MB/s`);
    if (total && received < total) parts.push(`about ${duration((total - received) / rate)} left`);
  }
  return parts.join("  ");
}

/** Shows the progress of a download. On a terminal, it redraws one line. Elsewhere, it writes a line every 5 s. */
export function downloadProgress(screen: Screen = process.stderr): (progress: Progress) => void {
  let first: { url: string; at: number; received: number } | undefined;
  let last = 0;
  return (progress) => {
    const now = performance.now();
    if (first?.url !== progress.url) first = { url: progress.url, at: now, received: progress.received };
    const done = progress.received === progress.total;
    if (!done && now - last < (screen.isTTY ? 100 : 5000)) return;
    last = now;
    const line = downloadLine(progress, first.received, (now - first.at) / 1000);
    screen.write(
      screen.isTTY ? `\r\x1b[K${line.slice(0, (screen.columns || 80) - 1)}${done ? "\n" : ""}` : `${line}\n`,
    );
  };
}

function megabytes(bytes: number): string {
  return (bytes / MB).toFixed(1);
}
