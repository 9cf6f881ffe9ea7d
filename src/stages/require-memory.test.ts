import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { paths } from "../run/index.ts";
import { runPipeline } from "./pipeline.ts";
import { memoryProblem } from "./require-memory.ts";

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-memory-"));
});
afterEach(async () => {
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

it("names what a plan needs and what there is", () => {
  expect(memoryProblem({ memoryBytes: 8e9 }, 8e9)).toBeUndefined();
  expect(memoryProblem({ memoryBytes: 12.34e9 }, 8e9)).toBe(
    "it needs about 12.3 GB of memory, and this process may use 8 GB",
  );
});

describe("a run whose plan needs more memory than its control group gives", () => {
  const recipe = tinyRecipe({ ...tinyLinear, zoo: { count: 2, heldOut: 0 } });
  const collect = (allowMemory: boolean) => runPipeline({ recipe, folder, stages: ["collect"], allowMemory });
  beforeEach(() => void vi.spyOn(process, "constrainedMemory").mockReturnValue(2 ** 27));

  it("is refused before any work, saying what to do", async () => {
    await expect(collect(false)).rejects.toMatchObject({
      code: "E_DEVICE",
      message: expect.stringMatching(/ of memory, and this process may use 0\.134 GB; .*--allow-memory$/),
    });
    expect(existsSync(paths(folder).zooIndex)).toBe(false);
  });

  it("is run when that is asked for", async () => {
    await collect(true);
    expect(existsSync(paths(folder).zooIndex)).toBe(true);
  });
});
