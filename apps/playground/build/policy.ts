import type { Plugin } from "vite";

/**
 * What the built page may do. `connect-src` and `default-src` are the promise that nothing leaves the device: the browser
 * keeps it. `blob:` holds the pictures that people drop, and the script of the engine's threads.
 */
const POLICY = [
  "default-src 'self'",
  "script-src 'self' 'wasm-unsafe-eval'",
  "worker-src 'self' blob:",
  "img-src 'self' blob: data:",
  "media-src 'self' blob:",
  "connect-src 'self' blob: data:",
  // Widths of bars and places of pictures are set as styles.
  "style-src 'self' 'unsafe-inline'",
  "base-uri 'none'",
  "form-action 'none'",
].join("; ");

/** Writes the content security policy into the built page; the development server needs scripts of its own. */
export function policy(): Plugin {
  return {
    name: "policy",
    apply: "build",
    transformIndexHtml: () => [
      {
        tag: "meta",
        attrs: { "http-equiv": "Content-Security-Policy", content: POLICY },
        injectTo: "head-prepend",
      },
    ],
  };
}
