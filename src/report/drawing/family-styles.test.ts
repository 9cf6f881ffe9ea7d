import { describe, expect, it } from "vitest";

import { madeUpGroup } from "../groups.fixture.ts";
import { shaded } from "./family-styles.ts";

const noise = (name: string) => madeUpGroup(name, "noise", { count: 1, accuracy: [1, 0], greatest: [1, 0], within: 1 });

describe("shades of a family's groups", () => {
  it("are darker when noise is stronger, each kind of noise by itself", () => {
    const groups = ["noise:0.5", "noise-absolute:0.1", "noise:0.05", "noise-absolute:0.02"].map(noise);
    const shades = shaded(groups).map(([{ name }, shade]) => [name, Number(shade.toFixed(2))]);
    expect(shades).toEqual([
      ["noise:0.05", 0.3],
      ["noise:0.5", 0.9],
      ["noise-absolute:0.02", 0.3],
      ["noise-absolute:0.1", 0.9],
    ]);
  });
});
