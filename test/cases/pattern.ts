import { type Shape, type Tensor, tensor } from "mobilenets";

/**
 * The input that right values are for: element i of the tensor in the tool's own layout is (i * 37 mod 256) / 127.5 - 1.
 * @param shape `[height, width, channels]`
 * @param layout the tool's; the result is NHWC, a batch of one
 */
export function patternOf([height, width, channels]: Shape, layout: "NHWC" | "NCHW"): Tensor {
  const x = tensor([1, height, width, channels]);
  const size = height * width;
  x.data.forEach((_, i) => {
    const at = layout === "NHWC" ? i : (i % channels) * size + Math.floor(i / channels);
    x.data[i] = ((at * 37) % 256) / 127.5 - 1;
  });
  return x;
}
