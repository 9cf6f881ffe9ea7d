/** The room of the rivals: trivial generators that a diffusion model must beat. */
export { type Rival, type RivalFamily, rival } from "./baseline.ts";
export type { DrawOptions, Vectors } from "./vectors.ts";
