export type Point = readonly [x: number, y: number];

/** A spiral of `count` points, -1 to 1. */
export function spiral(count: number): readonly Point[] {
  return Array.from({ length: count }, (_, i) => {
    const turn = (4 * Math.PI * (i + 1)) / count;
    const radius = (i + 1) / count;
    return [radius * Math.cos(turn), radius * Math.sin(turn)];
  });
}

/**
 * Maps points to `channels` numbers each by a matrix T, applies ReLU, and maps them back by T's pseudo-inverse. Rows of T
 * are directions that each split the plane in two; the golden angle separates them, so that more rows cover the plane
 * better, and the same slider always gives the same curve.
 * @returns the points, and the lost share of their squared length
 */
export function throughRelu(
  points: readonly Point[],
  channels: number,
): { readonly points: readonly Point[]; readonly lost: number } {
  const golden = Math.PI * (3 - Math.sqrt(5));
  const rows = Array.from(
    { length: channels },
    (_, i): Point => [Math.cos(0.6 + i * golden), Math.sin(0.6 + i * golden)],
  );
  const sum = (of: (row: Point) => number) => rows.reduce((total, row) => total + of(row), 0);
  // The 2 x 2 matrix T'T.
  const [a, b, d] = [sum(([x]) => x * x), sum(([x, y]) => x * y), sum(([, y]) => y * y)];
  const determinant = a * d - b * b;
  const read = points.map(([x, y]): Point => {
    const kept = (row: Point) => Math.max(0, row[0] * x + row[1] * y);
    const [p, q] = [sum((row) => row[0] * kept(row)), sum((row) => row[1] * kept(row))];
    return [(d * p - b * q) / determinant, (a * q - b * p) / determinant];
  });
  // ReLU halves an even cover of the plane. The next layer's weights can compensate, so the best scale counts as no loss.
  const dot = (us: readonly Point[], vs: readonly Point[]) =>
    us.reduce((t, [x, y], i) => t + x * vs[i][0] + y * vs[i][1], 0);
  const scale = dot(points, read) / dot(read, read);
  const scaled = read.map(([x, y]): Point => [scale * x, scale * y]);
  const lost = 1 - dot(scaled, points) / dot(points, points);
  return { points: scaled, lost };
}
