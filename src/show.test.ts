/** How names of untrusted files look in messages. */
import { describe, expect, it } from "vitest";
import { show, showAll, showFaults, showWhole } from "./show.ts";

describe("a name", () => {
  it("stays as it is when it is plain", () => {
    expect(show("layers.0/conv-1:weight")).toBe("layers.0/conv-1:weight");
  });

  it("is quoted when it holds anything else", () => {
    expect(show("two words")).toBe('"two words"');
    expect(show("")).toBe('""');
  });

  it("is cut when it is longer than 100 characters", () => {
    expect(show("n".repeat(101))).toBe(`"${"n".repeat(100)}…"`);
  });

  it("cannot break the line, move the cursor or turn the direction of the text", () => {
    const hostile = "a\nb\r\u001b[2J\u202e\u2028";
    for (const text of [show(hostile), showWhole(hostile)]) expect(text).toMatch(/^[\x20-\x7e]+$/);
  });
});

describe("a list of names", () => {
  it("is whole up to eight names", () => {
    expect(showAll(["a", "b c"])).toBe('a, "b c"');
    expect(showAll([..."abcdefgh"])).toBe("a, b, c, d, e, f, g, h");
  });

  it("counts the others beyond eight", () => {
    expect(showAll([..."abcdefghijk"])).toBe("a, b, c, d, e, f, g, h and 3 more");
  });
});

describe("faults of a checkpoint", () => {
  it("are nothing when there are none", () => {
    expect(showFaults({})).toBe("");
  });

  it("are named one kind after the other", () => {
    const different = new Map([["b", "b has the shape [2], expected [3]"]]);
    expect(showFaults({ missing: ["a"], unexpected: ["c"], different, notFinite: ["d"] })).toBe(
      "missing a; unexpected c; b has the shape [2], expected [3]; not all finite in d",
    );
  });
});
