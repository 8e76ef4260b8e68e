/** Scales the vectors of a matrix to length 1. A vector of zeros stays as it is. */
export function unitVectors(vectors: Float32Array, dim: number): Float32Array {
  const unit = new Float32Array(vectors.length);
  for (let at = 0; at < vectors.length; at += dim) {
    let squares = 0;
    for (let i = at; i < at + dim; i++) squares += vectors[i] * vectors[i];
    const factor = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let i = at; i < at + dim; i++) unit[i] = vectors[i] * factor;
  }
  return unit;
}
