import { resolve } from "node:path";

/** Packages that the library imports if they are installed. */
const ignoreWarnings = [{ module: /node_modules.mobilenets/ }];

export default ({ bare }) => ({
  mode: "production",
  entry: bare ? "./bare/index.ts" : "./index.ts",
  output: { path: resolve(bare ? "dist-bare" : "dist"), filename: "index.js" },
  resolve: { extensions: [".ts", ".js"] },
  module: { rules: [{ test: /\.ts$/, loader: "ts-loader", options: { transpileOnly: true } }] },
  // Read as text, so not minimised: its size is nobody's.
  ...(bare && { ignoreWarnings, performance: { hints: false }, optimization: { minimize: false } }),
});
