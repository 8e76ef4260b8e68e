import type { Warn } from "mobilenets/train";
import { diagnostic } from "../output.ts";

const MOST = 10;

/**
 * Makes a function that prints the first few warnings of one kind on stderr. Thousands of pictures may have the same
 * problem.
 * @param before called before each line, to clear the display
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
