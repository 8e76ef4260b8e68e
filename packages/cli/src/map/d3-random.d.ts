declare module "d3-random" {
  /** Uniform numbers from 0 to below 1, of a linear congruential generator. @param seed 0 to below 1 */
  export function randomLcg(seed: number): () => number;
}
