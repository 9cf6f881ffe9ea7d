import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../support/temporary-folders.ts";
import { type Comparison, compareFolders } from "./compare-folders.ts";
import { nothingRenamed, type Renames, renames as table } from "./renames.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

type Files = Readonly<Record<string, string | Uint8Array>>;

function folderOf(files: Files): string {
  const folder = folders.make();
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, file)), { recursive: true });
    writeFileSync(join(folder, file), content);
  }
  return folder;
}

const compare = (old: Files, renamed: Files, renames: Partial<Renames> = {}): Comparison =>
  compareFolders(folderOf(old), folderOf(renamed), { ...nothingRenamed, ...renames });

const json = (value: unknown): string => JSON.stringify(value);

/** A safetensors file of one-dimensional tensors of float32. */
function safetensors(tensors: Readonly<Record<string, readonly number[]>>, metadata = {}): Uint8Array {
  let begin = 0;
  const entries = Object.entries(tensors).map(([name, values]) => {
    const offsets = [begin, (begin += 4 * values.length)];
    return [name, { dtype: "F32", shape: [values.length], data_offsets: offsets }];
  });
  const header = Buffer.from(json({ __metadata__: metadata, ...Object.fromEntries(entries) }));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(header.length));
  const values = Object.values(tensors).map((numbers) => Buffer.from(Float32Array.from(numbers).buffer));
  return Buffer.concat([length, header, ...values]);
}

describe("compareFolders", () => {
  it("finds nothing when both folders hold the same", () => {
    const files = {
      "run/results.json": json({ a: [1, "name", null] }),
      "run/p.u16": "bytes",
      "z.safetensors": safetensors({ w: [1] }),
    };
    expect(compare(files, files)).toEqual({
      files: 3,
      sameBytes: 3,
      figures: 4,
      differences: [],
      textChanged: [],
      excluded: [],
    });
  });

  it("finds a byte that differs and says where when a file holds predictions", () => {
    const { differences } = compare({ "p.u16": "abcd" }, { "p.u16": "abxd" });
    expect(differences).toEqual([{ where: "p.u16 byte 2", old: "99 (of 4 bytes)", new: "120 (of 4 bytes)" }]);
  });

  it("finds a file that is longer", () => {
    const { differences } = compare({ "p.u16": "ab" }, { "p.u16": "abc" });
    expect(differences).toEqual([{ where: "p.u16 byte 2", old: "end of file (of 2 bytes)", new: "99 (of 3 bytes)" }]);
  });

  it.each([
    [{ a: 0.1 }, { a: 0.10000000000000002 }],
    [{ a: 1 }, { a: "1" }],
    [{ a: 0 }, { a: null }],
    [{ a: true }, { a: false }],
    [{ a: "replica" }, { a: "novel" }],
    [{ a: "two words" }, { a: 2 }],
    [{ a: [1, 2] }, { a: [1] }],
    [{ a: [] }, { a: {} }],
    [{ a: 1 }, { a: 1, b: 2 }],
  ])("finds the difference between %j and %j", (old, renamed) => {
    expect(compare({ "x.json": json(old) }, { "x.json": json(renamed) }).differences).toHaveLength(1);
    expect(compare({ "x.json": json(renamed) }, { "x.json": json(old) }).differences).toHaveLength(1);
  });

  it("finds a figure that differs in JSON lines, CSV and YAML", () => {
    const csv = (x: string) => `group,"test, %"\n"a, b",${x}\n`;
    const lines = (x: number) => `${json({ task: "fit", loss: 1 })}\n${json({ task: "fit", loss: x })}\n`;
    const files = (x: number) => ({ "a.csv": csv(String(x)), "a.jsonl": lines(x), "a.yaml": `a:\n  - ${x}\n` });
    expect(compare(files(2), files(3)).differences).toEqual([
      { where: "a.csv 0/test, %", old: "2", new: "3" },
      { where: "a.jsonl fit/1/loss", old: "2", new: "3" },
      { where: "a.yaml a/0", old: "2", new: "3" },
    ]);
  });

  it("ignores the order of tasks in JSON lines, but not that of their steps", () => {
    const lines = (tasks: string) =>
      [...tasks].map((task, i) => json({ task, i: tasks.slice(0, i).split(task).length }));
    const file = (tasks: string) => ({ "metrics.jsonl": lines(tasks).join("\n") });
    expect(compare(file("abab"), file("aabb")).differences).toEqual([]);
    expect(compare(file("abab"), file("aab")).differences).toHaveLength(2);
  });

  it("takes the last line of a step that was measured twice", () => {
    const file = (...losses: number[]) => ({
      "metrics.jsonl": losses.map((loss, i) => json({ task: "fit", step: i % 2, loss })).join("\n"),
    });
    expect(compare(file(1, 2), file(1, 9, 1, 2)).differences).toEqual([]);
    expect(compare(file(1, 2), file(1, 2, 1, 9)).differences).toHaveLength(1);
  });

  it.each(["old", "new"])("finds a file that only the %s version wrote", (side) => {
    const both = { "a.json": "{}" };
    const more = { ...both, "zoo/0001.safetensors": safetensors({ w: [1] }) };
    const { differences } = side === "old" ? compare(more, both) : compare(both, more);
    expect(differences.map(({ where }) => where)).toEqual(["zoo/0001.safetensors"]);
  });

  it("reports sentences, hashes and drawings that differ as text", () => {
    const file = (text: string, hash: string) => ({
      "a.json": json({ rule: `${text} words`, sha256: hash.repeat(64) }),
      "a.svg": text,
    });
    const { differences, textChanged } = compare(file("two", "a"), file("2", "b"));
    expect(differences).toEqual([]);
    expect(textChanged.map(({ where }) => where)).toEqual(["a.json rule", "a.json sha256", "a.svg line 1"]);
  });

  it("leaves out times and facts about the machine", () => {
    const files = (x: number) => ({
      "run/results.json": json({ seconds: { fit: x }, a: 1 }),
      "run/audit.json": json({ cost: { fit: x } }),
      "run/env.json": json(x),
      "run/log.txt": `2026-01-0${x}T00:00:00.000Z fit finished after ${x} s\n`,
      "run/evaluation/measurements/abc.json": json(x),
    });
    const { differences, textChanged, excluded } = compare(files(1), files(2));
    expect([...differences, ...textChanged]).toEqual([]);
    const leftOut = excluded.map((text) => text.split(":")[0]);
    expect(leftOut).toEqual(["run/evaluation/measurements/abc.json", "run/env.json"]);
  });

  it("finds no difference when a string names the folder of its side", () => {
    const [old, renamed] = [folderOf({}), folderOf({})];
    for (const folder of [old, renamed]) writeFileSync(join(folder, "a.json"), json({ path: `${folder}/x` }));
    expect(compareFolders(old, renamed, nothingRenamed).differences).toEqual([]);
  });

  it("fails for a document that cannot be read", () => {
    expect(compare({ "a.json": "{" }, { "a.json": "{}" }).differences).toHaveLength(1);
  });
});

describe("compareFolders with renamed names", () => {
  it("maps keys, values, columns, files and folders", () => {
    const old = {
      "run/rivals/x.json": json({ bar: 1, kind: "rival" }),
      "a.csv": "bar\n1\n",
      "curve-1-old.csv": "a\n1\n",
    };
    const renamed = {
      "run/baselines/x.json": json({ kind: "baseline", threshold: 1 }),
      "a.csv": "threshold\n1\n",
      "curve-1-new.csv": "a\n1\n",
    };
    const renames: Partial<Renames> = {
      files: [
        ["rivals", "baselines"],
        ["curve-*-old.csv", "curve-*-new.csv"],
      ],
      keys: { bar: "threshold" },
      values: { rival: "baseline" },
    };
    expect(compare(old, renamed, renames)).toMatchObject({ files: 3, figures: 4, differences: [] });
    expect(compare(renamed, renamed, renames)).toMatchObject({ files: 3, differences: [] });
    expect(compare(old, renamed).differences.length).toBeGreaterThan(3);
    const other = { ...renamed, "run/baselines/x.json": json({ kind: "baseline", threshold: 2 }) };
    expect(compare(old, other, renames).differences).toEqual([
      { where: "run/baselines/x.json threshold", old: "1", new: "2" },
    ]);
  });

  it("maps tensors and compares their bytes", () => {
    const renames = { tensors: { theta: "parameters" } };
    const old = { "g.safetensors": safetensors({ theta: [1, 2], mean: [3] }) };
    const reordered = { "g.safetensors": safetensors({ mean: [3], parameters: [1, 2] }) };
    expect(compare(old, reordered, renames)).toMatchObject({ sameBytes: 0, figures: 2, differences: [] });
    const other = { "g.safetensors": safetensors({ mean: [3], parameters: [1, -2] }) };
    expect(compare(old, other, renames).differences.map(({ where }) => where)).toEqual([
      "g.safetensors tensors/parameters",
    ]);
  });

  it("maps recipe keys in recipes and in a generator's metadata", () => {
    const renames: Partial<Renames> = {
      recipeKeys: { "diffusion.moments": "diffusion.snapshots", measure: "metric" },
      recipeValues: { "diffusion.choose": { "held-out": "validation" } },
    };
    const files = (diffusion: unknown, section: string) => ({
      "config.yaml": json({ diffusion, [section]: { command: "x" } }),
      "denoiser.safetensors": safetensors({ w: [1] }, { options: json(diffusion), step: "2" }),
    });
    const old = files({ moments: 3, choose: "held-out" }, "measure");
    const renamed = files({ snapshots: 3, choose: "validation" }, "metric");
    expect(compare(old, renamed, renames).differences).toEqual([]);
    const other = files({ snapshots: 4, choose: "validation" }, "metric");
    expect(compare(old, other, renames).differences).toHaveLength(2);
  });

  it("maps values that moved", () => {
    const renames = { moves: [{ file: "*.json", from: "groups/*/test", to: "groups/*/score" }] };
    const old = { "a.json": json({ groups: [{ test: { mean: 1 } }, { test: { mean: 2 } }] }) };
    const renamed = { "a.json": json({ groups: [{ score: { mean: 1 } }, { score: { mean: 3 } }] }) };
    expect(compare(old, renamed, renames).differences).toEqual([
      { where: "a.json groups/1/score/mean", old: "2", new: "3" },
    ]);
  });

  it("allows what the table says only one version writes, and compares it when both do", () => {
    const oneSided = [
      { file: "b.json", reason: "new" },
      { file: "a.json", at: "schema", reason: "new" },
    ];
    const old = { "a.json": json({ a: 1 }) };
    const renamed = { "a.json": json({ a: 1, schema: { version: 1 } }), "b.json": "1" };
    expect(compare(old, renamed, { oneSided })).toMatchObject({
      differences: [],
      excluded: ["a.json schema/version: new", "b.json: new"],
    });
    const other = { "a.json": json({ a: 1, schema: { version: 2 } }), "b.json": "1" };
    expect(compare(other, renamed, { oneSided }).differences).toHaveLength(1);
  });

  it("fails when two names become one", () => {
    const both = { "a.json": json({ bar: 1, threshold: 1 }) };
    expect(compare(both, both, { keys: { bar: "threshold" } }).differences).toHaveLength(1);
    const files = { "old/a.json": "1", "new/a.json": "1" };
    expect(compare(files, files, { files: [["old", "new"]] }).differences).toHaveLength(2);
  });

  it("has a table in which no new name is renamed again", () => {
    const maps = [table.recipeKeys, table.flags, table.keys, table.values, table.tensors];
    for (const map of maps) for (const renamed of Object.values(map)) expect(map).not.toHaveProperty([renamed]);
  });
});
