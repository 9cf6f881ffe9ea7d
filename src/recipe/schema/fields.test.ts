import { describe, expect, it } from "vitest";

import { problemWith, recipeWith } from "../recipe.fixture.ts";

it("a selection of tensors is a text or a list", () => {
  expect(recipeWith("zoo.select=[fc1.*, fc2.*]").zoo.select).toEqual(["fc1.*", "fc2.*"]);
  expect(problemWith("zoo.select=5")).toBe(
    "zoo.select: expected a selection such as all or last-layers:1, or a list of them, got 5",
  );
});

describe("the name of a baseline", () => {
  it("is written in full", () => {
    expect(recipeWith("generator=average").generator).toBe("average:16");
  });

  it.each([
    [
      "generator=gausian",
      /generator: .*unknown generator "gausian"\. Did you mean gaussian\? Known: diffusion, vae, files, noise, noise-absolute/,
    ],
    ["generator=average:1.5", /generator: .*expected a whole number from 2 after the colon, got "1\.5"/],
    ["audit.baselines=[swag:3]", /audit\.baselines\.0: .*swag takes no number/],
  ])("is refused where there is none such: %s", (change, message) => {
    expect(problemWith(change)).toMatch(message);
  });
});
