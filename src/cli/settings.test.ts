import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, expect, it } from "vitest";

import { isRunFolder, settingsApart } from "./settings.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "pdiff-words-"));
  mkdirSync(join(folder, "run"));
  writeFileSync(join(folder, "run/config.yaml"), "");
});
afterAll(() => rmSync(folder, { recursive: true }));

it("settings are taken out of the words of every option, in their order", () => {
  const lists = {
    samples: ["c/*.pth", "seed=2"],
    select: ["head.*", "audit.draws=3", "last-layers:1"],
    key: undefined,
  };
  expect(settingsApart(lists)).toEqual({
    words: { samples: ["c/*.pth"], select: ["head.*", "last-layers:1"], key: undefined },
    settings: ["seed=2", "audit.draws=3"],
  });
});

it("a pattern with an equals sign is no setting when it begins with a folder", () => {
  expect(settingsApart({ samples: ["ckpts/epoch=*.ckpt"] }).settings).toEqual([]);
});

it("a folder is a run's when it holds a recipe", () => {
  expect(isRunFolder(join(folder, "run"))).toBe(true);
  expect(isRunFolder(folder)).toBe(false);
});
