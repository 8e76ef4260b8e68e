import type { Plugin } from "vite";
import wabt from "wabt";

const NAME = "virtual:probes";

/** As many chains as registers hold, so that throughput counts and latency does not; steps enough to hide loads and stores. */
const CHAINS = 14;
const STEPS = 8;

/** `i32x4.relaxed_dot_i8x16_i7x16_add_s` of two bytes in all lanes: hosts differ where the second has its top bit set. */
const dot = `(module
  (func (export "dot") (param i32 i32) (result i32)
    (i32x4.extract_lane 0
      (i32x4.relaxed_dot_i8x16_i7x16_add_s
        (i8x16.splat (local.get 0)) (i8x16.splat (local.get 1)) (v128.const i32x4 0 0 0 0)))))`;

/**
 * The same arithmetic twice, over and over. In `paired` the vectors lie side by side, so that a host which widens 128-bit
 * operations to 256 can take two at a time (V8 begins at neighbouring stores); in `apart` there is a gap between them.
 */
const width = `(module
  (memory 1)
  ${loop("paired", 16)}
  ${loop("apart", 32)})`;

function loop(name: string, stride: number): string {
  // Changes no magnitude, so that numbers stay fast ones.
  const factor = "(v128.const f32x4 -1 -1 -1 -1)";
  const chains = Array.from({ length: CHAINS }, (_, i) => i);
  const step = (chain: number) => `(local.set $v${chain} (f32x4.mul (local.get $v${chain}) ${factor}))`;
  return `(func (export "${name}") (param $n i32) ${chains.map((i) => `(local $v${i} v128)`).join(" ")}
    (loop $again
      ${chains.map((i) => `(local.set $v${i} (v128.load offset=${stride * i} (i32.const 0)))`).join("\n")}
      ${Array.from({ length: STEPS }, () => chains.map(step).join("\n")).join("\n")}
      ${chains.map((i) => `(v128.store offset=${stride * i} (i32.const 0) (local.get $v${i}))`).join("\n")}
      (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1))))))`;
}

/** Small WebAssembly modules that find out what the host does; assembled when the page is built. */
export function probes(): Plugin {
  return {
    name: "probes",
    resolveId: (id) => (id === NAME ? `\0${NAME}` : undefined),
    async load(id) {
      if (id !== `\0${NAME}`) return undefined;
      const { parseWat } = await wabt();
      const assemble = (text: string) => {
        const module = parseWat("probe.wat", text, { relaxed_simd: true, simd: true });
        const { buffer } = module.toBinary({});
        module.destroy();
        return `new Uint8Array([${buffer.join(",")}])`;
      };
      return `export const dot = ${assemble(dot)};\nexport const width = ${assemble(width)};`;
    },
  };
}
