import { OptionError, WeightsError } from "../../errors.ts";
import type { Isa } from "../../kernels/wat.ts";
import type { Description } from "../description.ts";
import { readBeside } from "./beside.ts";
import { bytesOf } from "./bytes.ts";
import { chooseIsa, compile } from "./kernels.ts";
import type { Parts } from "./model.ts";

/** Parts inside the module itself, as base64. */
export function inside(
  { name }: Description,
  kernels: Readonly<Partial<Record<Isa, string>>>,
  weights: () => string,
): Parts {
  return {
    kernels() {
      const isa = chooseIsa(name, Object.keys(kernels) as Isa[]);
      return compile(name, bytesOf(kernels[isa] as string));
    },
    weights: () => bytesOf(weights()),
  };
}

/** Parts in files beside the module. */
export function beside(
  description: Description,
  kernels: Readonly<Partial<Record<Isa, () => URL>>>,
  weights: () => URL,
  files: Parameters<typeof readBeside>[1],
): Parts {
  const { name } = description;
  return {
    async kernels() {
      const isa = chooseIsa(name, Object.keys(kernels) as Isa[]);
      return compile(name, await readBeside((kernels[isa] as () => URL)(), files));
    },
    async weights() {
      const url = weights();
      return payloadOf(description, await readBeside(url, files), url.pathname);
    },
  };
}

/** Parts that the caller passes; Workers get them by importing each file. */
export function given(
  description: Description,
  parts: { readonly kernels?: unknown; readonly weights?: unknown } | undefined,
): Parts {
  return {
    kernels() {
      const kernels = parts?.kernels;
      if (kernels instanceof WebAssembly.Module) return kernels;
      const expected = "the compiled module of the .wasm file";
      throw new OptionError({ where: "kernels", found: Object.prototype.toString.call(kernels), expected });
    },
    weights() {
      const weights = parts?.weights;
      if (weights instanceof ArrayBuffer) return payloadOf(description, new Uint8Array(weights), "weights");
      if (weights instanceof Uint8Array) return payloadOf(description, weights, "weights");
      const expected = "the bytes of the .bin file";
      throw new OptionError({ where: "weights", found: Object.prototype.toString.call(weights), expected });
    },
  };
}

/** The bytes after the id. @throws WeightsError for a file of another build */
function payloadOf({ id }: Description, file: Uint8Array, where: string): Uint8Array {
  const found = new TextDecoder().decode(file.subarray(0, id.length));
  if (found !== id) {
    const hint = "copy all files of one build together; does a cache hold an older one?";
    throw new WeightsError({
      where,
      found: "the weights of another build",
      expected: `one that begins with ${id}`,
      hint,
    });
  }
  const payload = file.subarray(id.length);
  // Typed arrays on the payload need an aligned offset.
  return payload.byteOffset % 4 === 0 ? payload : payload.slice();
}
