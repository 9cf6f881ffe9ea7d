/** Held-out networks choose the denoiser or audit its samples, never both. */
import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../test/support/tiny-run.ts";
import { builtInParts } from "../recipe/index.ts";
import { choosesByHeldOut, hasUnseen, heldOutFor } from "./held-out.ts";

const setting = (tree: Parameters<typeof tinyRecipe>[0]) => ({ recipe: tinyRecipe(tree), parts: builtInParts });
const seeds = (heldOut: number, unseen = 0) => ({ kind: "seeds", count: 3, heldOut, unseen });
const chosen = { zoo: seeds(6), diffusion: { choose: "held-out", snapshots: 2 } };

describe("held-out networks", () => {
  it("all audit where the last denoiser is taken", () => {
    const last = setting({ diffusion: { choose: "last" } });
    expect(choosesByHeldOut(last)).toBe(false);
    expect(heldOutFor(last, [1, 2, 3])).toEqual({ choose: [], audit: [1, 2, 3] });
  });

  it("are halved by turns where they choose the denoiser", () => {
    expect(choosesByHeldOut(setting(chosen))).toBe(true);
    expect(heldOutFor(setting(chosen), [1, 2, 3, 4, 5])).toEqual({ choose: [1, 3, 5], audit: [2, 4] });
  });

  it("all audit where the generator is a baseline, which has no denoiser to choose", () => {
    expect(choosesByHeldOut(setting({ ...chosen, generator: "average:2" }))).toBe(false);
  });
});

describe("unseen networks", () => {
  it("are there where the recipe trains some", () => {
    expect(hasUnseen(tinyRecipe({ zoo: seeds(2, 4) }))).toBe(true);
    expect(hasUnseen(tinyRecipe({ zoo: seeds(2) }))).toBe(false);
    expect(hasUnseen(tinyRecipe())).toBe(false);
  });
});
