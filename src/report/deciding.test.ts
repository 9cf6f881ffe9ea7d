import { expect, it } from "vitest";

import { verdictNames } from "../records/index.ts";
import { decidingOf } from "./deciding.ts";

it("every verdict has a figure that needs no scores and no predictions, after better ones", () => {
  for (const name of verdictNames) expect(decidingOf(name).figures, name).toContain("nearest-distance");
});

it("copies show by distance, new networks by score and distance, averages by similarity", () => {
  expect(decidingOf("replica")).toMatchObject({ figures: ["nearest-distance"], number: "copies" });
  expect(decidingOf("novel").figures[0]).toBe("score-distance");
  expect(decidingOf("average-like").figures[0]).toBe("score-similarity");
});
