/** Flags of V8's staged pass that fuses two operations of 128 bits into one of 256, in Node and in Chromium. */
export const NODE_FLAG = "--experimental-wasm-revectorize";
export const CHROMIUM_FLAG = "--js-flags=--wasm-revectorize";

const SUFFIX = "@256";

/** The name of a contender that runs with that flag. */
export const widened = (contender: string): string => `${contender}${SUFFIX}`;

export const isWidened = (contender: string): boolean => contender.endsWith(SUFFIX);

/** The name of the contender without the flag. */
export const plain = (contender: string): string =>
  isWidened(contender) ? contender.slice(0, -SUFFIX.length) : contender;
