import { describe, expect, it } from "vitest";
import { americanKey, canonicalKey, withCanonicalKeys, withOwnSpelling } from "./spelling.ts";

describe("spelling of recipe keys", () => {
  it.each([
    ["optimizer", "optimiser"],
    ["normalize", "normalise"],
    ["normalization", "normalisation"],
    ["standardize", "standardise"],
    ["color", "colour"],
  ])("%s becomes %s, and back", (american, british) => {
    expect([canonicalKey(american), canonicalKey(british)]).toEqual([british, british]);
    expect([americanKey(british), americanKey("size")]).toEqual([american, undefined]);
  });

  it("changes keys at every level, and no value", () => {
    const given = { data: { normalize: "own", folder: "gray/color" }, list: [{ color: "center" }] };
    expect(withCanonicalKeys(given)).toEqual({
      data: { normalise: "own", folder: "gray/color" },
      list: [{ colour: "center" }],
    });
  });

  it("refuses a key that is given in both spellings", () => {
    expect(() => withCanonicalKeys({ base: { optimizer: "adam", optimiser: "sgd" } })).toThrow(
      "optimiser is given in two spellings, optimiser and optimizer; keep one of them",
    );
  });

  it("keeps the spelling of a program's own part", () => {
    expect(withOwnSpelling({ normalise: true, width: 3 }, ["normalize"])).toEqual({ normalize: true, width: 3 });
  });
});
