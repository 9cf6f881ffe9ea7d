import { appendFileSync, cpSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";

import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { run, temporaryFolders, tinyLinear, tinyRecipe } from "../../test/support/tiny-run.ts";
import { forgetStages, requireUnchanged, verifyRun } from "./checksums.ts";
import { stageNames } from "./events.ts";
import { paths } from "./paths.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

const recipe = tinyRecipe({ ...tinyLinear, zoo: { kind: "seeds", count: 5 } });

let whole: string;
beforeAll(async () => {
  whole = folders.make();
  await run(whole, { recipe, stages: stageNames });
});

function copy(): string {
  const folder = folders.make();
  cpSync(whole, folder, { recursive: true });
  return folder;
}

const filesOf = (folder: string): string[] =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort();

const flip = (path: string) => {
  const bytes = readFileSync(path);
  const middle = bytes.length >> 1;
  bytes[middle] = (bytes[middle] ?? 0) ^ 1;
  writeFileSync(path, bytes);
};
const halve = (path: string) => truncateSync(path, readFileSync(path).length >> 1);

describe("the verification of a run", () => {
  it("finds nothing in a run that is as it was written, and knows every file of it", async () => {
    const found = await verifyRun(paths(whole));
    expect(found).toMatchObject({ damage: [], unrecorded: [] });
    expect(found.files).toBe(filesOf(whole).length - 1);
  });

  it.each([
    ["with one bit flipped", flip],
    ["cut in half", halve],
  ])("names every file %s, and how to make it again", async (_, tear) => {
    // Two empty or one-byte files would not change when cut.
    const files = filesOf(whole).filter((file) => readFileSync(join(whole, file)).length > 1);
    expect(files.length).toBeGreaterThan(30);
    // What an index has checksums of is not known where the index itself is torn.
    const isIndex = (file: string) => file.endsWith("index.json");
    const others = files.filter((file) => !isIndex(file) && file !== "checksums.json");
    for (const group of [others, files.filter(isIndex), ["checksums.json"]]) {
      const torn = copy();
      for (const file of group) tear(join(torn, file));
      const { damage } = await verifyRun(paths(torn));
      const named = damage.map(({ file }) => file);
      if (group.includes("checksums.json")) expect(named.length).toBeGreaterThan(0);
      else expect(named).toEqual(expect.arrayContaining(group));
      if (group === others) expect(named).toHaveLength(group.length);
      for (const { redo } of damage)
        expect(redo).toMatch(/pdiff \w+ .*--force|no result depends on it|records what is/);
    }
  });

  it("names files that are missing, and stages whose checksums are not known", async () => {
    const torn = copy();
    rmSync(join(torn, "samples", "0001.safetensors"));
    expect((await verifyRun(paths(torn))).damage).toEqual([
      { file: "samples/0001.safetensors", problem: "is missing", redo: `make it again: pdiff sample ${torn} --force` },
    ]);
    rmSync(join(torn, "checksums.json"));
    expect((await verifyRun(paths(torn))).unrecorded).toEqual([...stageNames]);
  });

  it("knows nothing of the journal of a run that was killed, and of an edited recipe afterwards", async () => {
    const torn = copy();
    appendFileSync(join(torn, "config.yaml"), "# a note\n");
    expect((await verifyRun(paths(torn))).damage).toMatchObject([{ file: "config.yaml" }]);
    await run(torn, { recipe, stages: ["report"] });
    expect((await verifyRun(paths(torn))).damage).toEqual([]);
  });
});

describe("a stage", () => {
  it.each([
    ["audit", "evaluation/results.json"],
    ["audit", "evaluation/predictions"],
    ["report", "evaluation/audit.json"],
    ["fit", "held-out/index.json"],
  ] as const)("is refused by %s when %s was changed", async (stage, name) => {
    const torn = copy();
    const path = join(torn, name);
    const file = name.endsWith("predictions")
      ? join(path, readdirSync(path).find((one) => one.startsWith("evaluate")) ?? "")
      : path;
    flip(file);
    await expect(requireUnchanged(paths(torn), stage)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringMatching(/was changed after it was written.*make it again: pdiff \w+ .*--force/),
    });
  });

  it("does not take over a changed file when it is done again", async () => {
    const torn = copy();
    const predictions = join(torn, "evaluation", "predictions");
    const [changed, kept] = readdirSync(predictions).filter((one) => !one.startsWith("evaluate"));
    flip(join(predictions, changed ?? ""));
    await forgetStages(paths(torn), ["audit", "report"]);
    expect(readdirSync(predictions)).not.toContain(changed);
    expect(readdirSync(predictions)).toContain(kept);
  });

  it("makes predictions again that are missing", async () => {
    const torn = copy();
    const predictions = join(torn, "evaluation", "predictions");
    for (const name of readdirSync(predictions)) rmSync(join(predictions, name));
    await expect(requireUnchanged(paths(torn), "audit")).resolves.toBeUndefined();
  });
});
