// Operators on maps that none of our networks has.
import { formatShape, sameShape } from "../../tensor.ts";
import { type Call, dataOf, type Imported, mapOf, refuse, text, theirShape, wholes } from "./call.ts";
import { attributeOf } from "./view.ts";

export function addPool(call: Call, kind: "average" | "max"): Imported {
  const { b, node, name } = call;
  const { value, layout } = mapOf(call);
  const ints = (key: string) => attributeOf(node, key)?.ints ?? [];
  const [kh, kw, ...more] = ints("kernel_shape");
  if (!(kh >= 1 && kw >= 1) || more.length > 0)
    refuse(call, `kernel_shape [${ints("kernel_shape")}]`, "height and width");
  const [sy = 1, sx = 1] = ints("strides");
  const [top = 0, left = 0, bottom = 0, right = 0] = ints("pads");
  if (attributeOf(node, "ceil_mode")?.i) refuse(call, "ceil_mode", "windows inside the map");
  if (ints("dilations").some((n) => n !== 1)) refuse(call, "dilations", "none");
  const auto = text(call, "auto_pad", "NOTSET");
  if (!["NOTSET", "VALID", "SAME_UPPER"].includes(auto)) refuse(call, `auto_pad ${auto}`, "SAME_UPPER or NOTSET");
  const padded = auto === "SAME_UPPER" || [top, left, bottom, right].some((n) => n > 0);
  // Our pooling leaves padding pixels out, as TensorFlow does.
  if (kind === "average" && padded && attributeOf(node, "count_include_pad")?.i) {
    refuse(call, "count_include_pad", "means without the padding");
  }
  const padding = auto === "SAME_UPPER" ? "same" : padded ? { top, left, bottom, right } : "valid";
  const attrs = { kind, kernelSize: [kh, kw], strides: [sy, sx], padding } as const;
  return { value: b.poolWindow(name, value, attrs), layout };
}

/** Resizes with half-pixel centres; for whole factors, the nearest pixel is the same in all conventions. */
export function addResize(call: Call): Imported {
  const { b, node, name } = call;
  const { value, layout } = mapOf(call);
  const [, channels, height, width] = theirShape(call, node.input[0]);
  const scales = wholes(call, 2, "scales");
  const sizes = node.input[3]
    ? wholes(call, 3, "sizes")
    : scales?.map((s, i) => Math.floor(s * [1, channels, height, width][i]));
  if (sizes?.length !== 4 || sizes[1] !== channels || attributeOf(node, "antialias")?.i) {
    return refuse(call, `a resize to [${sizes}]`, "another height and width, without antialias");
  }
  const [, , h, w] = sizes;
  const mode = text(call, "mode", "nearest");
  const at = text(call, "coordinate_transformation_mode", "half_pixel");
  const round = text(call, "nearest_mode", "round_prefer_floor");
  const whole = h % height === 0 && w % width === 0 && at === "asymmetric" && round === "floor";
  const centred = at === "half_pixel" || (at === "pytorch_half_pixel" && h > 1 && w > 1);
  if (mode === "linear" ? !centred : !(mode === "nearest" && (whole || (centred && round === "round_prefer_ceil")))) {
    refuse(call, `mode ${mode}, ${at}, ${round}`, "linear with half_pixel, or nearest by a whole factor");
  }
  const interpolation = mode === "linear" ? ("bilinear" as const) : ("nearest" as const);
  return { value: b.resize(name, value, { height: h, width: w, interpolation }), layout };
}

/** Crops rows and columns of a map. */
export function addSlice(call: Call): Imported {
  const { b, node, name } = call;
  const { value, layout } = dataOf(call);
  const shape = theirShape(call, node.input[0]);
  const begins = wholes(call, 1, "starts") ?? [];
  const ends = wholes(call, 2, "ends") ?? [];
  const axes = wholes(call, 3, "axes") ?? begins.map((_, i) => i);
  const steps = node.input[4] ? wholes(call, 4, "steps") : undefined;
  const [y, x] = layout === "nchw" ? [2, 3] : [1, 2];
  const cut = { top: 0, bottom: 0, left: 0, right: 0 };
  axes.forEach((given, i) => {
    const axis = given < 0 ? given + shape.length : given;
    const size = shape[axis];
    const place = (at: number) => Math.min(Math.max(at < 0 ? at + size : at, 0), size);
    const [from, to] = [place(begins[i]), place(ends[i])];
    const plain = shape.length === 4 && (steps?.[i] ?? 1) === 1;
    if (plain && axis === y) Object.assign(cut, { top: from, bottom: size - to });
    else if (plain && axis === x) Object.assign(cut, { left: from, right: size - to });
    else if (from !== 0 || to !== size || (steps?.[i] ?? 1) !== 1) {
      refuse(call, `a slice along axis ${axis} of ${formatShape(shape)}`, "rows and columns of a map");
    }
  });
  return { value: b.crop(name, value, cut), layout };
}

/** Concatenates channels. */
export function addConcat(call: Call): Imported {
  const { b, node, name } = call;
  const parts = node.input.map((_, i) => dataOf(call, i));
  const [{ layout }] = parts;
  const shapes = node.input.map((value) => theirShape(call, value));
  const given = attributeOf(node, "axis")?.i ?? 0;
  const axis = given < 0 ? given + shapes[0].length : given;
  const channels = layout === "nchw" ? 1 : shapes[0].length - 1;
  const alike = parts.every((part) => part.layout === layout) && typeof layout === "string";
  const beside = shapes.every((shape) =>
    sameShape([...shape].fill(0, axis, axis + 1), [...shapes[0]].fill(0, axis, axis + 1)),
  );
  if (axis !== channels || !alike || !beside) refuse(call, `a concatenation along axis ${given}`, "one of channels");
  return {
    value: b.concatenate(
      name,
      parts.map(({ value }) => value),
    ),
    layout,
  };
}
