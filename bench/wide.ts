/** V8's staged pass that makes one operation of 256 bits of two of 128: its flag in Node, and in Chromium. */
export const NODE_FLAG = "--experimental-wasm-revectorize";
export const CHROMIUM_FLAG = "--js-flags=--wasm-revectorize";

const SUFFIX = "@256";

/** The name of a contender that runs under that flag. */
export const widened = (contender: string): string => `${contender}${SUFFIX}`;

export const isWidened = (contender: string): boolean => contender.endsWith(SUFFIX);

/** The contender itself. */
export const plain = (contender: string): string =>
  isWidened(contender) ? contender.slice(0, -SUFFIX.length) : contender;
