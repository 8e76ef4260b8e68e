// Operators that only reshape.
import { formatShape, sameShape, sizeOf } from "../../tensor.ts";
import { type Call, dataOf, type Imported, type Layout, refuse, theirShape, wholes } from "./call.ts";
import { attributeOf } from "./view.ts";

/** @param target shape in the file's order of axes, the batch first */
function shaped(call: Call, target: readonly number[]): Imported {
  const { b, node, name } = call;
  const { value, layout } = dataOf(call);
  const from = theirShape(call, node.input[0]);
  if (sameShape(from, target)) return { value, layout };
  if (target[0] !== 1)
    refuse(call, `a reshape of ${formatShape(from)} to ${formatShape(target)}`, "the batch as first axis");
  if (target.length === 2) return laidOut(call, from);
  const [, ...sizes] = target;
  const pixel = sizeOf(sizes) === sizes[0] || sizeOf(sizes) === sizes.at(-1);
  // A vector becomes a map of one pixel, or such a map becomes another.
  if (target.length === 4 && pixel && typeof layout === "string" && isPixel(from, layout)) {
    const first = sizeOf(sizes) === sizes[0];
    return { value: b.reshape(name, value, [1, 1, sizeOf(sizes)]), layout: first ? "nchw" : "nhwc" };
  }
  return refuse(call, `a reshape of ${formatShape(from)} to ${formatShape(target)}`, "a vector, or a map of one pixel");
}

function isPixel(shape: readonly number[], layout: Layout): boolean {
  return sizeOf(shape) === shape[layout === "nchw" ? 1 : shape.length - 1];
}

/** Flattens a value to one vector per picture. */
function laidOut(call: Call, from: readonly number[]): Imported {
  const { b, name } = call;
  const { value, layout } = dataOf(call);
  if (from.length === 2) return { value, layout };
  const flat = b.reshape(name, value, [-1]);
  if (layout !== "nchw" || from[2] * from[3] === 1 || from[1] === 1) return { value: flat, layout: "rows" };
  return { value: flat, layout: { flat: [from[2], from[3], from[1]] } };
}

export function addReshape(call: Call): Imported {
  const given = wholes(call, 1, "shape") ?? refuse(call, "no shape", "a shape");
  const from = theirShape(call, call.node.input[0]);
  // 0 keeps the existing size.
  const sizes = given.map((n, i) => (n === 0 && !attributeOf(call.node, "allowzero")?.i ? from[i] : n));
  const rest = sizeOf(sizes.filter((n) => n !== -1));
  const target = sizes.map((n) => (n === -1 ? sizeOf(from) / rest : n));
  const valid = target.every((n) => Number.isSafeInteger(n) && n > 0) && sizeOf(target) === sizeOf(from);
  return shaped(call, valid ? target : refuse(call, `a reshape of ${formatShape(from)} to ${formatShape(given)}`));
}

export function addFlatten(call: Call): Imported {
  const axis = attributeOf(call.node, "axis")?.i ?? 1;
  const from = theirShape(call, call.node.input[0]);
  if (axis !== 1) refuse(call, `axis ${axis}`, "1");
  return laidOut(call, from);
}

export function addSqueeze(call: Call): Imported {
  const from = theirShape(call, call.node.input[0]);
  const given = wholes(call, 1, "axes");
  const axes =
    given?.map((axis) => (axis < 0 ? axis + from.length : axis)) ??
    [...from.keys()].slice(1).filter((i) => from[i] === 1);
  if (axes.some((axis) => from[axis] !== 1)) refuse(call, `axes ${formatShape(axes)} of ${formatShape(from)}`);
  return shaped(
    call,
    from.filter((_, axis) => !axes.includes(axis)),
  );
}

export function addUnsqueeze(call: Call): Imported {
  const from = theirShape(call, call.node.input[0]);
  const given = wholes(call, 1, "axes") ?? [];
  const rank = from.length + given.length;
  const axes = given.map((axis) => (axis < 0 ? axis + rank : axis));
  const target: number[] = [];
  for (let axis = 0, next = 0; axis < rank; axis++) target.push(axes.includes(axis) ? 1 : from[next++]);
  return shaped(call, target);
}

/** Transposes between channels first and last, which only changes the recorded layout. */
export function addTranspose(call: Call): Imported {
  const { value, layout } = dataOf(call);
  const perm = attributeOf(call.node, "perm")?.ints ?? [];
  if (layout === "nchw" && sameShape(perm, [0, 2, 3, 1])) return { value, layout: "nhwc" };
  if (layout === "nhwc" && sameShape(perm, [0, 3, 1, 2])) return { value, layout: "nchw" };
  return refuse(call, `a transposition ${formatShape(perm)}`, "one that moves the channels");
}
