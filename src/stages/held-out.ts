/** Which held-out networks of a run choose its denoiser, and which may judge its samples. */
import { type HeldOutSplit, splitHeldOut } from "../evaluation/index.ts";
import type { AnyRecipe } from "../recipe/index.ts";
import { partsOf } from "./fit/generator-files.ts";

/** Whether held-out networks choose the snapshot of the denoiser that is sampled. */
export const choosesByHeldOut = ({ generator, diffusion }: AnyRecipe): boolean =>
  partsOf({ generator }).denoiser && diffusion?.choose === "held-out";

/** Splits the held-out networks of a run, given in the order in which they were made. */
export const heldOutFor = <T>(recipe: AnyRecipe, heldOut: readonly T[]): HeldOutSplit<T> =>
  splitHeldOut(heldOut, choosesByHeldOut(recipe));

/** The remark on an audit by one half. */
export const HALF_CHOSE = "Half of the held-out networks chose the denoiser; the audit uses the other half.";
