/** Shape of the picture for all contenders: `[height, width, channels]`. */
export const INPUT_SHAPE = [224, 224, 3] as const;

/** A picture of waves, -1 to 1: neither constant, nor noise, which averages out. */
export function picture(): Float32Array {
  const [height, width, channels] = INPUT_SHAPE;
  const row = Float32Array.from(
    { length: width * channels },
    (_, i) => 0.5 * Math.sin((3 * i) / width + (i % channels)),
  );
  const data = new Float32Array(height * row.length);
  for (let y = 0, at = 0; y < height; y++) {
    const shade = 0.5 * Math.cos((7 * y) / height);
    // By index, because an iterator's garbage would be collected during the measured first result.
    for (let i = 0; i < row.length; i++) data[at++] = row[i] + shade;
  }
  return data;
}
