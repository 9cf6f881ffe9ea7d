import { expect, it } from "vitest";

import { partsWith } from "./parts.ts";
import { measuredWith, recipeWith } from "./recipe.fixture.ts";
import { hasNetwork, metricSchema, recipeSchema, schema } from "./schema.ts";

it("a resolved recipe is accepted as it is, by the schema of its kind alone", () => {
  const [classifier, measured] = [recipeWith(), measuredWith()];
  expect(schema.parse(classifier)).toEqual(classifier);
  expect(metricSchema.parse(measured)).toEqual(measured);
  expect(schema.safeParse(measured).success).toBe(false);
  expect(metricSchema.safeParse(classifier).success).toBe(false);
  expect([hasNetwork(classifier), hasNetwork(measured)]).toEqual([true, false]);
});

it("a schema accepts the parts that it was made of", () => {
  const halved = { ...recipeWith(), normalisation: "halved" };
  expect(schema.safeParse(halved).success).toBe(false);
  const own = recipeSchema(partsWith({ normalisation: { type: "halved", description: "half of each parameter" } }));
  expect(own.safeParse(halved).success).toBe(true);
});
