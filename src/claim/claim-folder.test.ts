import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { type AnyRecipe, builtInParts, resolveRecipe } from "../recipe/index.ts";
import { paths } from "../run/index.ts";
import { type ClaimOptions, claimFolder } from "./claim-folder.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const recipe = (more: Partial<Record<"measure" | "zoo" | "sample", object>> = {}): AnyRecipe =>
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

const claim = (other: AnyRecipe, folder: string, options: Omit<ClaimOptions, "parts"> = {}) =>
  claimFolder(other, folder, { parts: builtInParts, ...options });
const configOf = (folder: string) => readFileSync(paths(folder).config, "utf8");

describe("a folder of a run", () => {
  it("takes another command where no evaluation has ended, and keeps its measurements", async () => {
    const folder = await runWith(command("wrong"), (p) => [p.zooIndex, `${p.measurements}/a.json`]);
    const { resumed, from, redo, commit } = await claim(command("right"), folder);
    await commit();
    expect({ resumed, from, redo }).toEqual({ resumed: true, from: undefined, redo: undefined });
    expect(configOf(folder)).toContain("right {checkpoint}");
  });

  it("does an evaluation that has ended again for another command, and writes the recipe last", async () => {
    const folder = await runWith(command("wrong"), (p) => [p.zooIndex, p.generatorIndex, p.samplesIndex, p.results]);
    const { from, redo, commit } = await claim(command("right", { better: "lower" }), folder);
    expect(from).toBe("evaluate");
    expect(redo).toEqual({
      changes: [
        { key: "measure.command", from: "wrong {checkpoint}", to: "right {checkpoint}" },
        { key: "measure.better", from: undefined, to: "lower" },
      ],
      kept: ["collect", "fit", "sample"],
      redone: ["evaluate"],
    });
    expect(configOf(folder)).toContain("wrong {checkpoint}");
    await commit();
    expect(configOf(folder)).toContain("right {checkpoint}");
  });

  it("refuses to run only stages after one that would have to be done again", async () => {
    const folder = await runWith(command("wrong"), (p) => [p.zooIndex, p.results, p.audit]);
    await expect(claim(command("right"), folder, { stages: ["audit"] })).rejects.toThrow(
      "evaluate depends on that, which comes before audit",
    );
  });

  it("leaves values as they were on which only later stages depend, which are done", async () => {
    const folder = await runWith(command("kept"), (p) => [p.zooIndex, p.generatorIndex, p.results]);
    const fit = { stages: ["collect", "fit"] } as const;
    const { from, waiting, commit } = await claim(recipe(), folder, fit);
    expect({ from, waiting: waiting.map(({ key }) => key) }).toEqual({ from: undefined, waiting: ["measure.command"] });
    await commit();
    expect(configOf(folder)).toContain("kept {checkpoint}");
    const forced = await claim(recipe(), folder, { ...fit, force: true });
    expect({ from: forced.from, waiting: forced.waiting }).toEqual({ from: "collect", waiting: [] });
  });

  it("does no more than the report again for other limits of time, which change no result", async () => {
    const folder = await runWith(command("same"), (p) => [p.zooIndex, p.results, p.audit]);
    const other = command("same", { timeout: 5, retries: 0, parallel: 2 });
    expect(await claim(other, folder)).toMatchObject({ resumed: true, from: undefined });
    writeFileSync(paths(folder).report, "");
    expect(await claim(other, folder)).toMatchObject({ resumed: true, from: "report" });
    expect(await claim(command("same", { networks: 7 }), folder)).toMatchObject({ from: "evaluate" });
  });

  it("starts at the earlier of what changed and what is asked for again", async () => {
    const folder = await runWith(recipe(), (p) => [p.zooIndex, p.generatorIndex, p.samplesIndex, p.results]);
    const more = recipe({ sample: { count: 5 } });
    expect(await claim(more, folder)).toMatchObject({ from: "sample", redo: { kept: ["collect", "fit"] } });
    const stages = ["fit", "sample"] as const;
    expect(await claim(more, folder, { stages, force: true })).toMatchObject({
      from: "fit",
      redo: { kept: ["collect"], redone: ["fit", "sample", "evaluate"] },
    });
  });

  it("is used for other files where a collection of files did not end", async () => {
    const begun = await runWith(recipe(), (p) => [`${p.zoo}/0001.safetensors`]);
    const { resumed, commit } = await claim(recipe({ zoo: { files: "others" } }), begun);
    await commit();
    expect([resumed, existsSync(paths(begun).zoo)]).toEqual([false, false]);
  });

  it("gives up its zoo for another recipe only where that is asked for", async () => {
    const other = recipe({ zoo: { files: "others" } });
    const ended = await runWith(recipe(), (p) => [`${p.zoo}/0001.safetensors`, p.zooIndex, p.generatorIndex]);
    await expect(claim(other, ended)).rejects.toMatchObject({
      code: "E_RUN",
      message: expect.stringMatching(
        /made by another recipe \(zoo\.files: ckpts there, others here\).*its zoo of 3 checkpoints, and what came of it \(fit\).*--run OTHER.*--force/,
      ),
    });
    expect(await claim(other, ended, { force: true })).toMatchObject({ from: "collect", redo: { kept: [] } });
  });
});
