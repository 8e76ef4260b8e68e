import type { Warn } from "mobilenets/train";
import { diagnostic } from "../output.ts";

const MOST = 10;

/**
 * Warnings of one kind on stderr, the first few only: what is wrong with one picture or class may be wrong with
 * thousands.
 * @param before each; makes room for the line
 */
export function limitedWarnings(before: () => void = () => {}): Warn {
  let count = 0;
  return (message) => {
    count++;
    if (count > MOST + 1) return;
    before();
    diagnostic(count > MOST ? "warning: there is more like this" : `warning: ${message}`);
  };
}
