import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { nearest, suggestion, UserError } from "./errors.ts";

describe("the nearest known name", () => {
  const known = ["count", "select", "every", "batch"];

  it.each([
    ["cuont", "count"],
    ["COUNT", "count"],
    ["selct", "select"],
    ["everyy", "every"],
    ["bitch", "batch"],
  ])("of %s is %s", (name, expected) => {
    expect(nearest(name, known)).toBe(expected);
  });

  it("does not exist for names that are like none", () => {
    for (const name of ["", "x", "colour", "discount"]) expect(nearest(name, known)).toBeUndefined();
  });

  it("takes two neighbours that changed places for one slip", () => {
    expect(nearest("zo", ["oz"])).toBe("oz");
    expect(nearest("abcdef", ["badcef"])).toBe("badcef");
    expect(nearest("abcdef", ["badcfe"])).toBeUndefined();
  });

  it("of a known name is itself", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 8 }), (names) => {
        for (const name of names) expect(nearest(name, names)?.toLowerCase()).toBe(name.toLowerCase());
      }),
    );
  });
});

describe("a suggestion", () => {
  it("names the nearest and all known names", () => {
    expect(suggestion("cnnn", ["mlp", "cnn"])).toBe(" Did you mean cnn? Known: mlp, cnn.");
  });

  it("names all known names where none is near", () => {
    expect(suggestion("transformer", ["mlp", "cnn"])).toBe(" Known: mlp, cnn.");
  });
});

it("a user's mistake has a code, a message and a cause", () => {
  const cause = new Error("ENOSPC");
  expect(new UserError("E_DISK", "the disk is full", { cause })).toMatchObject({
    name: "UserError",
    code: "E_DISK",
    message: "the disk is full",
    cause,
  });
});
