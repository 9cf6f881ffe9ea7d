import { describe, expect, it } from "vitest";
import { z } from "zod";

import { defaultsOf, type Part, partOf, partSchema } from "./part.ts";

interface LayerOptions {
  readonly type: string;
  readonly width: number;
}
const layer: Part<LayerOptions> = {
  type: "layer",
  description: "a layer",
  options: { width: z.int().default(8), depth: z.int() },
  problem: ({ width }) => (width % 2 === 0 ? undefined : { at: ["width"], message: "expected an even width" }),
};
const parts = [layer as Part, { type: "other", description: "another", options: {} }];

describe("the schema of a choice among parts", () => {
  const schema = partSchema(parts, { scale: z.number().default(1) });

  it("reads the options of the part that is named, and what all parts have", () => {
    expect(schema.parse({ type: "layer", depth: 2 })).toEqual({ type: "layer", width: 8, depth: 2, scale: 1 });
    expect(schema.safeParse({ type: "other", depth: 2 }).success).toBe(false);
  });

  it("refuses what a part says is a problem, at the option that it names", () => {
    const [issue] = schema.safeParse({ type: "layer", width: 7, depth: 2 }).error!.issues;
    expect(issue).toMatchObject({ message: "expected an even width", path: ["width"] });
  });

  it("needs a part", () => {
    expect(() => partSchema([])).toThrow("there are no parts to choose from");
  });
});

it("the defaults of a part leave out what has none", () => {
  expect(defaultsOf(layer as Part)).toEqual({ width: 8 });
});

it("a part is found by its type, and an unknown one refused with the nearest", () => {
  expect(partOf(parts, { type: "other" }, "layer")).toBe(parts[1]);
  expect(() => partOf(parts, { type: "othr" }, "kind of layer")).toThrow(
    expect.objectContaining({
      code: "E_CONFIG",
      message: expect.stringMatching(/^unknown kind of layer "othr"; .*Did you mean other\?/),
    }),
  );
});
