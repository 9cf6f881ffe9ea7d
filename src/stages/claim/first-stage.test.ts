import { describe, expect, it } from "vitest";
import { z } from "zod";

import { metricSchema, schema } from "../../recipe/schema.ts";
import { firstStageOf, firstStages, lineFor } from "./first-stage.ts";

interface Node {
  readonly properties?: Readonly<Record<string, Node>>;
  readonly anyOf?: readonly Node[];
  readonly oneOf?: readonly Node[];
}

/** The dotted paths of all values in a schema, those of every alternative. */
function keysOf({ properties, anyOf = [], oneOf = [] }: Node, path: readonly string[] = []): string[] {
  const alternatives = [...anyOf, ...oneOf].filter((one) => one.properties ?? one.anyOf ?? one.oneOf);
  if (properties === undefined && alternatives.length === 0) return [path.join(".")];
  return [
    ...Object.entries(properties ?? {}).flatMap(([name, inner]) => keysOf(inner, [...path, name])),
    ...alternatives.flatMap((one) => keysOf(one, path)),
  ];
}

const keys = [
  ...new Set([schema, metricSchema].flatMap((one) => keysOf(z.toJSONSchema(one, { io: "input" }) as Node))),
];

describe("the first stage that depends on a key", () => {
  it("is in the table for every key of both kinds of recipe", () => {
    expect(keys.length).toBeGreaterThan(150);
    expect(keys.filter((key) => lineFor(key) === undefined)).toEqual([]);
  });

  it("is in the table for no key that recipes do not have", () => {
    const used = new Set(keys.map(lineFor));
    expect(Object.keys(firstStages).filter((line) => !used.has(line))).toEqual([]);
  });

  it.each([
    ["zoo.count", "collect"],
    ["diffusion.denoiser.width", "fit"],
    ["autoencoder.an.option.of.a.part", "fit"],
    ["sample.sampler.steps", "sample"],
    ["evaluate.reconstructions", "evaluate"],
    ["audit.fineTuned.steps", "audit"],
    ["measure.timeout", "report"],
  ] as const)("of %s is %s", (key, stage) => {
    expect(firstStageOf(key)).toBe(stage);
  });

  it("of a key that nothing is known of is the first of all", () => {
    for (const key of ["audit.newKey", "sample", "newSection.key"]) expect(firstStageOf(key)).toBe("collect");
  });
});
