import { describe, expect, it } from "vitest";

import { prefixOf, renamed, renamingOf } from "./prefix.ts";

describe("the prefix of a checkpoint's names", () => {
  it.each([
    ["what holds the network", ["model.a.w", "model.b.w"], "model."],
    ["what holds that", ["task.model.a.w", "task.model.b.w"], "task.model."],
    ["nothing where names fit", ["a.w", "b.w", "ema.a.w", "ema.b.w"], ""],
    ["the one under which all are", ["head.a.w", "model.a.w", "model.b.w"], "model."],
    ["nothing where two networks fit", ["model.a.w", "model.b.w", "ema.a.w", "ema.b.w"], ""],
    ["nothing where some are missing", ["model.a.w"], ""],
    ["no part of a name", ["modela.w", "modelb.w"], ""],
  ])("is %s", (_, names, prefix) => {
    expect(prefixOf(names, ["a.w", "b.w"])).toBe(prefix);
  });
});

describe("the renaming from a network to a file", () => {
  it.each([
    ["puts a prefix before names", ["model.a.w", "model.b.w"], ["a.w", "b.w"], "model.a.w"],
    ["takes one off that only the network has", ["a.w", "b.w"], ["net.a.w", "net.b.w"], "a.w"],
    ["takes one off and puts another before", ["model.a.w", "model.b.w"], ["net.a.w", "net.b.w"], "model.a.w"],
    ["changes nothing where names fit", ["net.a.w", "net.b.w", "a.w", "b.w"], ["net.a.w", "net.b.w"], "net.a.w"],
    ["changes nothing where some are missing", ["a.w"], ["net.a.w", "net.b.w"], "net.a.w"],
  ])("%s", (_, names, wanted, found) => {
    expect(renamed(renamingOf(names, wanted), wanted[0] ?? "")).toBe(found);
  });

  it("takes a prefix off only where more of the network's names are in the file without it", () => {
    const network = ["block.head.w", "a.w", "b.w", "c.w"];
    // The head of the file is another one: the network's others have their own names there.
    expect(renamingOf(["head.w", "a.w", "b.w", "c.w"], ["block.head.w"], network).strip).toBe("");
    expect(renamingOf(["head.w"], ["block.head.w"], network).strip).toBe("block.");
  });
});
