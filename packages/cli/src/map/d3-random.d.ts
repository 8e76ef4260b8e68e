declare module "d3-random" {
  /**
   * Makes a linear congruential generator of uniform numbers from 0 to below 1.
   * @param seed 0 to below 1
   */
  export function randomLcg(seed: number): () => number;
}
