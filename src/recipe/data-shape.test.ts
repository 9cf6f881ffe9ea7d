import { expect, it } from "vitest";

import { shapeOf } from "./data-shape.ts";
import { recipeWith } from "./recipe.fixture.ts";

it("the shape of a recipe's data is known without reading them", () => {
  expect(shapeOf(recipeWith("data.train=300", "data.test=50", "data.pad=2"))).toMatchObject({
    channels: 1,
    height: 32,
    width: 32,
    classes: 10,
    train: 200,
    selection: 100,
    test: 50,
  });
});
