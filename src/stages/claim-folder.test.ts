import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { type AnyRecipe, builtInParts, resolveRecipe } from "../recipe/index.ts";
import { paths, type StageName } from "../run/index.ts";
import { claimFolder } from "./claim-folder.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const recipe = (more: Partial<Record<"measure" | "zoo", object>> = {}): AnyRecipe =>
  resolveRecipe(
    {
      name: "mine",
      preset: "linear",
      sample: { count: 4 },
      ...more,
      zoo: { kind: "files", files: "ckpts", count: 3, heldOut: 1, ...more.zoo },
    },
    "this test",
    builtInParts,
  );
const command = (text: string, more: object = {}) => recipe({ measure: { command: `${text} {checkpoint}`, ...more } });

/** A folder of a run with some files, empty. */
async function runWith(first: AnyRecipe, of: (p: ReturnType<typeof paths>) => readonly string[]): Promise<string> {
  const folder = folders.make();
  const { resumed, commit } = await claimFolder(first, folder, { parts: builtInParts });
  expect(resumed).toBe(false);
  await commit();
  for (const file of of(paths(folder))) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, "{}");
  }
  return folder;
}

const claim = (other: AnyRecipe, folder: string, again?: StageName) =>
  claimFolder(other, folder, { parts: builtInParts, again });
const configOf = (folder: string) => readFileSync(paths(folder).config, "utf8");

describe("a folder of a run", () => {
  it("takes another command where no evaluation has ended", async () => {
    const folder = await runWith(command("wrong"), (p) => [p.zooIndex, `${p.measurements}/a.json`]);
    const { resumed, commit } = await claim(command("right"), folder);
    await commit();
    expect(resumed).toBe(true);
    expect(configOf(folder)).toContain("right {checkpoint}");
  });

  it("keeps the command of an evaluation that has ended, unless that is done again", async () => {
    const folder = await runWith(command("wrong"), (p) => [p.zooIndex, p.samplesIndex, p.results]);
    await expect(claim(command("right"), folder)).rejects.toMatchObject({ code: "E_RUN" });
    await expect(claim(command("right"), folder, "audit")).rejects.toMatchObject({ code: "E_RUN" });
    const { commit } = await claim(command("right", { better: "lower" }), folder, "evaluate");
    expect(configOf(folder)).toContain("wrong {checkpoint}");
    await commit();
    expect(configOf(folder)).toContain("right {checkpoint}");
  });

  it("takes other limits of time at any point, which change no result", async () => {
    const folder = await runWith(command("same"), (p) => [p.zooIndex, p.results, p.audit]);
    const { resumed } = await claim(command("same", { timeout: 5, retries: 0, parallel: 2 }), folder);
    expect(resumed).toBe(true);
    await expect(claim(command("same", { networks: 7 }), folder)).rejects.toThrow("measure.networks");
  });

  it("is used for other files where a collection of files did not end, and refused where it did", async () => {
    const other = recipe({ zoo: { files: "others" } });
    const begun = await runWith(recipe(), (p) => [`${p.zoo}/0001.safetensors`]);
    const { resumed, commit } = await claim(other, begun);
    await commit();
    expect([resumed, existsSync(paths(begun).zoo)]).toEqual([false, false]);
    const ended = await runWith(recipe(), (p) => [`${p.zoo}/0001.safetensors`, p.zooIndex]);
    await expect(claim(other, ended)).rejects.toThrow("zoo.files");
  });
});
