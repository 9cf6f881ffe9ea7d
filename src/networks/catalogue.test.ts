import { describe, expect, it } from "vitest";

import { catalogue, catalogued, lookUp } from "./catalogue.ts";

describe("the catalogue", () => {
  it("gives no name to two networks", () => {
    const names = catalogue.flatMap(({ name, aliases }) => [name, ...aliases]);
    expect(new Set(names).size).toBe(names.length);
  });

  it("finds a network by any of its names, in any case", () => {
    expect(lookUp("ViT_B_16")?.name).toBe("vit_base_patch16_224");
    expect(catalogued("cnn").name).toBe("cnn-medium");
    expect(lookUp("lenet")).toBeUndefined();
  });

  it("suggests the nearest name when there is no such network", () => {
    expect(() => catalogued("resnet19")).toThrow(
      expect.objectContaining({ code: "E_CONFIG", message: expect.stringContaining("Did you mean resnet18?") }),
    );
  });
});
