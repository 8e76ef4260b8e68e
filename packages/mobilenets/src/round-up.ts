/** The smallest multiple of `multiple` that is at least `n`. */
export const roundUp = (n: number, multiple: number): number => Math.ceil(n / multiple) * multiple;
