/** Predictions run in processes where these are worth their start. */
import { describe, expect, it } from "vitest";

import { tinyRecipe } from "../../../test/support/tiny-run.ts";
import { classifierOf } from "../context.ts";
import { mostWorkers } from "../worker-pool.ts";
import { processesFor } from "./predict-all.ts";

const recipe = tinyRecipe();
const network = classifierOf(recipe);

describe("predictions", () => {
  it("are worth no process where there is little to do", () => {
    expect(processesFor(recipe, network, { jobs: 100, images: 100_000 })).toBe(0);
  });

  it("are worth as many processes as the machine runs where there is much to do", () => {
    expect(processesFor(recipe, network, { jobs: 100, images: 1e9 })).toBe(mostWorkers(recipe));
  });

  it("are worth no more processes than there are jobs", () => {
    expect(processesFor(recipe, network, { jobs: 1, images: 1e9 })).toBe(1);
  });

  it("are worth a process sooner where a network is larger", () => {
    const larger = tinyRecipe({ network: { name: "cnn", channels: [64, 64, 64] } });
    const work = { jobs: 1, images: 200_000 };
    expect(processesFor(recipe, network, work)).toBe(0);
    expect(processesFor(larger, classifierOf(larger), work)).toBe(1);
  });
});
