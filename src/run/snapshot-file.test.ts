import { writeFileSync } from "node:fs";
import { join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { writeVectors } from "./checkpoint-folder.ts";
import { fileSaver } from "./snapshot-file.ts";

const folders = temporaryFolders();
afterAll(folders.remove);
const path = () => join(folders.make(), "state.safetensors");

describe("a file of snapshots", () => {
  it("has none when it does not exist", async () => {
    expect(await fileSaver(path(), 1000).load()).toBeUndefined();
  });

  it("gives back the last snapshot", async () => {
    const saver = fileSaver(path(), 1000);
    await saver.save({ step: 3, vectors: { theta: Float32Array.of(1) } });
    await saver.save({ step: 7, vectors: { theta: Float32Array.of(2), slots: Float32Array.of(3, 4) } });
    const loaded = await saver.load();
    expect(loaded?.step).toBe(7);
    expect(loaded?.vectors).toEqual({ theta: Float32Array.of(2), slots: Float32Array.of(3, 4) });
  });

  it("is due when its time has come, and not right after a snapshot", async () => {
    expect(fileSaver(path(), 0).due()).toBe(true);
    const saver = fileSaver(path(), 60_000);
    await saver.save({ step: 1, vectors: { theta: Float32Array.of(1) } });
    expect(saver.due()).toBe(false);
  });

  it.each([
    ["no step", {}],
    ["a step that is no number", { step: "soon" }],
    ["a negative step", { step: "-1" }],
  ])("throws when it has %s, saying what can be removed", async (_, metadata) => {
    const file = path();
    await writeVectors(file, { theta: Float32Array.of(1) }, metadata as Record<string, string>);
    await expect(fileSaver(file, 1000).load()).rejects.toThrow(/names no step; or remove that file/);
  });

  it("throws when it is damaged", async () => {
    const file = path();
    writeFileSync(file, "half");
    await expect(fileSaver(file, 1000).load()).rejects.toMatchObject({ code: "E_CHECKPOINT" });
  });
});
