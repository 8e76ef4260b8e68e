import { WeightsError } from "../../errors.ts";
import { buildGraph, type NetworkName } from "../../models/networks.ts";
import { listNames, show } from "../../show.ts";
import type { TorchModule } from "../names/torch-module.ts";
import { type Naming, namings, timm } from "./namings.ts";

/** A network identified by the names of its modules. */
export interface Structure {
  readonly network: NetworkName;
  readonly minimalistic?: boolean;
  /** Widths with exactly these modules, if other widths have more. */
  readonly alphas?: readonly number[];
  readonly modules: readonly TorchModule[];
  /** Parameters of a custom head, besides the network's features. */
  readonly surplus: readonly string[];
  /** Whether there is no classifier. */
  readonly headless: boolean;
}

/** Prefixes of networks' blocks. An unknown parameter with one does not belong to a head. */
const BLOCKS = /^(features|_?blocks|layer|_?conv_stem|_?bn\d)\b/;

/** The network with exactly these parameter names, with or without its classifier. */
export function structureOf(naming: Naming, names: readonly string[], where: string): Structure {
  const present = new Set(names);
  let headed: Structure | undefined;
  let best: { network: NetworkName; missing: string[]; surplus: string[] } | undefined;
  for (const network of naming.networks) {
    for (const sketch of naming.sketches(network)) {
      for (const includeTop of [true, false]) {
        const modules = naming.modules(buildGraph(network, { ...sketch, includeTop }));
        const expected = modules.flatMap(({ path, weights }) => weights.map(([, theirs]) => `${path}.${theirs}`));
        const wanted = new Set(expected);
        const missing = expected.filter((name) => !present.has(name));
        const surplus = names.filter((name) => !wanted.has(name));
        const wrong = missing.length + surplus.length;
        const { minimalistic, alpha } = sketch;
        const alphas = alpha === undefined ? undefined : [alpha, alpha / 2];
        if (wrong === 0) return { network, minimalistic, alphas, modules, surplus, headless: !includeTop };
        const spare = !includeTop && missing.length === 0 && !surplus.some((name) => BLOCKS.test(name));
        if (spare && surplus.length < (headed?.surplus.length ?? Infinity)) {
          headed = { network, minimalistic, alphas, modules, surplus, headless: true };
        }
        if (!best || wrong < best.missing.length + best.surplus.length) best = { network, missing, surplus };
      }
    }
  }
  if (headed) return headed;
  const { network, missing, surplus } = best as NonNullable<typeof best>;
  const lacks = missing.length > 0 ? [`lacks ${listNames(missing)}`] : [];
  const adds = surplus.length > 0 ? [`has ${listNames(surplus.map(show))} besides`] : [];
  const but = [...lacks, ...adds].join(", and ");
  throw new WeightsError({
    where,
    found: `a state dict much like ${naming.library}'s ${network}, but it ${but}`,
    expected: `the parameters of ${naming.networks.join(", ")}`,
    hint: structureHint(naming, missing),
  });
}

/** A hint to export the graph, which has more information than names. */
const EXPORT = 'As ONNX a file says how it computes: torch.onnx.export(model, pictures, "model.onnx")';

function structureHint(naming: Naming, missing: readonly string[]): string {
  if (missing.length > 0 && missing.every((name) => name.startsWith("classifier."))) {
    return naming === timm ? "was it saved with num_classes=0?" : "was its classifier replaced?";
  }
  return naming === timm
    ? `is it another network of timm's, such as MobileNetV4 or an EfficientNet with gates? ${EXPORT}`
    : `is it a variant of its own? ${EXPORT}`;
}

/** The same network without its classifier, whose parameters count as a head's. */
export function headedStructure(
  naming: Naming,
  { network, minimalistic, alphas }: Structure,
  names: readonly string[],
): Structure {
  const sketch =
    naming.sketches(network).find((one) => one.minimalistic === minimalistic && one.alpha === alphas?.[0]) ?? {};
  const modules = naming.modules(buildGraph(network, { ...sketch, includeTop: false }));
  const expected = new Set(modules.flatMap(({ path, weights }) => weights.map(([, theirs]) => `${path}.${theirs}`)));
  return {
    network,
    minimalistic,
    alphas,
    modules,
    surplus: names.filter((name) => !expected.has(name)),
    headless: true,
  };
}

export function unknownNames(names: readonly string[], where: string): WeightsError {
  return new WeightsError({
    where,
    found: names.length === 0 ? "no tensors" : `tensors by the names ${listNames(names.map(show))}`,
    expected: `those of a MobileNet of ${namings.map(({ library, marks }) => `${library}'s (${marks.join(", ")})`).join(" or ")}`,
    hint: "is it another network, or part of a larger one?",
  });
}
