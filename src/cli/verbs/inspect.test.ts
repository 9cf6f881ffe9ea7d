import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { writeSafetensors } from "../../checkpoints/index.ts";
import { call, program } from "../spawn.fixture.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-cli-"));
});
afterAll(() => rm(folder, { recursive: true }));

const pdiff = (...words: string[]) => call(program, words, { cwd: folder });

describe("pdiff inspect", () => {
  beforeAll(() =>
    writeSafetensors(
      join(folder, "model.safetensors"),
      [
        { name: "fc.weight", shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) },
        { name: "fc.\u001b[31mbias", shape: [2], data: Float32Array.of(Number.NaN, 0.5) },
      ],
      { format: "pt" },
    ),
  );

  it("prints the tensors and metadata of a checkpoint", async () => {
    const { code, stdout, stderr } = await pdiff("inspect", "model.safetensors");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(stdout).toContain("model.safetensors: safetensors, ");
    expect(stdout).toContain("8 values in 2 tensors");
    expect(stdout).toContain("format  pt");
    expect(stdout).toMatch(/^fc\.weight +F32 +2×3 +6 +1 +6 +3\.5 +1\.71 +0$/m);
    expect(stdout).toMatch(/^fc\.\\u\{1b\}\[31mbias +F32 +2 +2 +0\.5 +0\.5 +0\.5 +0 +1$/m);
  });

  it("prints the same as JSON with --json", async () => {
    const { code, stdout, stderr } = await pdiff("inspect", "model.safetensors", "--json");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
    expect(JSON.parse(stdout)).toMatchObject({
      path: "model.safetensors",
      parameters: 8,
      metadata: { format: "pt" },
      tensors: [{ name: "fc.weight", shape: [2, 3], mean: 3.5 }, { name: "fc.\u001b[31mbias" }],
    });
  });

  it("warns once of numbers that are not finite in all files", async () => {
    for (const k of [1, 2, 3])
      await writeSafetensors(join(folder, "masked", `${k}.safetensors`), [
        { name: "mask", shape: [2], data: Float32Array.of(0, Number.NEGATIVE_INFINITY) },
        { name: "w", shape: [1], data: Float32Array.of(k) },
      ]);
    const { code, stderr } = await pdiff("inspect", "masked");
    expect(code).toBe(0);
    expect(stderr.match(/not finite/g)).toHaveLength(1);
    expect(stderr).toMatch(/3 of 3 checkpoints, such as \S+1\.safetensors: numbers that are not finite in mask/);
  });
});
