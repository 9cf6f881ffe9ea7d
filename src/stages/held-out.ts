/** Which networks of a run choose its denoiser, and which may audit its samples. */
import { type HeldOutSplit, splitHeldOut } from "../evaluation/index.ts";
import type { AnyRecipe } from "../recipe/index.ts";
import type { RunContext } from "./context.ts";
import { contentsOf } from "./fit/generator-index.ts";

type Setting = Pick<RunContext, "recipe" | "parts">;

/** Whether held-out networks choose the snapshot of the denoiser that is sampled. */
export const choosesByHeldOut = (setting: Setting): boolean =>
  contentsOf(setting).denoiser && setting.recipe.diffusion?.choose === "held-out";

/** Splits the held-out networks of a run, given in the order in which they were made. */
export const heldOutFor = <T>(setting: Setting, heldOut: readonly T[]): HeldOutSplit<T> =>
  splitHeldOut(heldOut, choosesByHeldOut(setting));

/** Whether a run has networks that nothing learned from and nothing scores. */
export const hasUnseen = ({ zoo }: AnyRecipe): boolean =>
  zoo.unseenFiles !== undefined || ("unseen" in zoo && zoo.unseen > 0);

/** The remark on an audit by one half. */
export const HALF_CHOSE = "Half of the held-out networks chose the denoiser; the audit uses the other half.";
