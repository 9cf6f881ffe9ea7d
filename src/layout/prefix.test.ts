import { describe, expect, it } from "vitest";

import { prefixOf } from "./prefix.ts";

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
