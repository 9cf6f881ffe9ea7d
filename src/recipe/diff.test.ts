import { describe, expect, it } from "vitest";

import { changesOf, changeText, differencesOf, withoutChanges } from "./diff.ts";

describe("the differences of two recipes", () => {
  it("are none between equal ones, whatever the order of their keys", () => {
    expect(differencesOf({ a: 1, b: { c: [1, 2], d: null } }, { b: { d: null, c: [1, 2] }, a: 1 })).toBe("");
    expect(differencesOf({ a: 1, b: undefined }, { a: 1 })).toBe("");
  });

  it("are none between a value and a list of it alone", () => {
    expect(differencesOf({ files: "ckpts" }, { files: ["ckpts"] })).toBe("");
    expect(differencesOf({ files: "ckpts" }, { files: ["ckpts", "more"] })).not.toBe("");
    expect(differencesOf({ files: [] }, {})).not.toBe("");
  });

  it("are named with both values, in YAML", () => {
    expect(differencesOf({ zoo: { count: 200 } }, { zoo: { count: 100 } })).toBe("zoo.count: 200 there, 100 here");
    expect(differencesOf({ hidden: [16] }, { hidden: [16, 8] })).toBe("hidden: [ 16 ] there, [ 16, 8 ] here");
  });

  it("include what only one of them says", () => {
    expect(differencesOf({}, { data: { train: 5 } })).toBe("data: nothing there, { train: 5 } here");
  });

  it("are listed three at most", () => {
    expect(differencesOf({ a: 1, b: 1, c: 1, d: 1, e: 1 }, { a: 2, b: 2, c: 2, d: 2, e: 2 })).toBe(
      "a: 1 there, 2 here, b: 1 there, 2 here, c: 1 there, 2 here, and 2 more",
    );
  });
});

describe("the changes from one recipe to another", () => {
  const [from, to] = [
    { seed: 1, zoo: { kind: "files", key: "ema" }, audit: { draws: 100 } },
    { seed: 1, zoo: { kind: "files", files: ["a", "b"] }, audit: { draws: 50 } },
  ];
  const changes = changesOf(from, to);

  it("have a key, the old value and the new one", () => {
    expect(changes.map(changeText)).toEqual([
      "zoo.key: ema → nothing",
      "zoo.files: nothing → [ a, b ]",
      "audit.draws: 100 → 50",
    ]);
  });

  it("can be undone one by one", () => {
    expect(withoutChanges<object>(to, changes)).toEqual(from);
    expect(withoutChanges<object>(to, changes.slice(2))).toEqual({ ...to, audit: { draws: 100 } });
  });

  it("are shown with values of at most a line", () => {
    expect(changeText({ key: "zoo.files", from: "x".repeat(500), to: undefined })).toBe(
      `zoo.files: ${"x".repeat(60)}… → nothing`,
    );
  });
});
