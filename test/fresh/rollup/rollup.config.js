import { nodeResolve } from "@rollup/plugin-node-resolve";
import typescript from "@rollup/plugin-typescript";

/** Packages that the library imports if they are installed. */
const external = ["flatbuffers", "onnxruntime-web/wasm", "onnxruntime-web/webgpu", "protobufjs/minimal.js"];

export default ({ configBare }) => ({
  output: { format: "esm" },
  plugins: [nodeResolve({ browser: true }), typescript({ noEmitOnError: true })],
  ...(configBare && { external }),
});
