/** What the audit's distances cost: each network against every original, and their hidden units. */
import type { Layout } from "../../layout/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { hiddenUnits } from "../../symmetry/index.ts";
import { hasUnits } from "../canonical-form.ts";
import { COLLAGED, COLLAGED_GROUPS } from "./evidence.ts";

/** Multiplications and additions a second, in products of blocks that a processor's cache holds. */
const FLOPS = 2e10;

/**
 * Seconds of the distances to the originals. Of separate trainings with one hidden layer every
 * unit is compared with every other, in two spaces; of others parameter with parameter.
 * @param networks how many are measured, the originals not counted.
 */
export function distanceSeconds(recipe: Recipe, chosen: Layout, networks: number): number {
  const { kind, count, heldOut, unseen } = recipe.zoo;
  const found = kind === "trajectory" || !hasUnits(recipe) ? undefined : hiddenUnits(chosen);
  const hidden = found !== undefined && "units" in found ? found.units.slice(0, -1) : [];
  // Distances to networks that nothing saw are taken in one space only.
  const pairs = count * (count + networks) + (networks * (heldOut + unseen)) / 2;
  if (hidden.length === 0) return (2 * chosen.size * pairs) / FLOPS;
  const units = hidden.reduce((sum, { outputs }) => sum + outputs, 0) / hidden.length;
  const collage = COLLAGED_GROUPS * COLLAGED * count * 2 * units * chosen.size;
  return ((hidden.length === 1 ? 4 * units : 2) * chosen.size * pairs + collage) / FLOPS;
}
