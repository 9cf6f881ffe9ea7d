import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../test/support/temporary-folders.ts";
import { readWhole } from "../state-dict.ts";
import { ENCODERS, isComplex } from "./dtypes.ts";
import { openFile, rewriteFile } from "./open-file.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/**
 * A case of a fixture: files that another program wrote, and what they hold or why they are
 * refused.
 */
interface Case {
  readonly file?: string;
  readonly files?: Readonly<Record<string, string>>;
  readonly open?: string;
  readonly refused?: string;
  readonly objects?: readonly string[];
  /** Numbers as lists, of which some cannot be rewritten. */
  readonly lists?: boolean;
  readonly dtypes?: Readonly<Record<string, string>>;
  readonly shapes?: Readonly<Record<string, readonly number[]>>;
  readonly values?: Readonly<Record<string, readonly (number | string)[]>>;
  readonly names?: Readonly<Record<string, string>>;
}
const read = (name: string): [string, Case][] =>
  Object.entries(JSON.parse(readFileSync(`test/fixtures/${name}.json`, "utf8")));
const cases = [...read("pth"), ...read("lightning"), ...read("formats"), ...read("agents")].map(
  ([name, value], i) => [`${name} (${i})`, value] as const,
);

/** Writes a case's files; the path to open. */
function put({ file, files, open = "model.pth" }: Case): string {
  const folder = folders.make();
  for (const [name, content] of Object.entries(files ?? { [open]: file! }))
    writeFileSync(join(folder, name), gunzipSync(Buffer.from(content, "base64")));
  return join(folder, open);
}

/** A network's own names, without what wraps all of them. */
const unwrapped = (name: string): string => name.replace(/^((module|_orig_mod)\.)+/, "");
const wraps = (names: readonly string[]) => names.every((name) => /^(module|_orig_mod)\./.test(name));

/** The single array of an .npy file has no name in it. */
const ownName = ({ open = "" }: Case, name: string): string => (open.endsWith(".npy") ? "arr_0" : name);

const isRefused = ({ refused }: Case) => refused !== undefined;
const AMBIGUOUS = /^two networks/;
const sound = cases.filter(([name, value]) => !isRefused(value) && !AMBIGUOUS.test(name));

/** What a rewritten case may be: one file, or a folder of some. */
function bytesBelow(path: string): Record<string, Buffer> {
  const names = readdirSync(path);
  return Object.fromEntries(names.map((name) => [name, readFileSync(join(path, name))]));
}

describe("a checkpoint that another program wrote", () => {
  it.each(sound)("is read: %s", async (_, value) => {
    const { tensors, shapes } = await readWhole(await openFile(put(value)));
    const all = Object.keys(value.dtypes!);
    const nameOf = (name: string) => (wraps(all) ? unwrapped(name) : ownName(value, name));
    for (const name of all) {
      const dtype = value.dtypes![name]!;
      if (dtype === "F8_E8M0") continue;
      // Complex numbers are pairs of real ones.
      const shape = isComplex(dtype) ? [...value.shapes![name]!, 2] : value.shapes![name];
      expect([name, shapes.get(nameOf(name))]).toEqual([name, shape]);
      const expected = value.values![name]!.map((v) => Math.fround(Number(v)));
      // JSON as it was written has no negative zero.
      const found = [...tensors.get(nameOf(name))!].map((v) => (v === 0 ? 0 : v));
      expect([name, found]).toEqual([name, expected]);
    }
  });

  it.each(sound)("reports its tensors without reading their values: %s", async (_, value) => {
    const file = await openFile(put(value));
    await file.close();
    const nameOf = wraps(Object.keys(value.dtypes!)) ? unwrapped : (name: string) => ownName(value, name);
    expect(Object.fromEntries([...file.tensors].map(([name, { dtype }]) => [name, dtype]))).toEqual(
      Object.fromEntries(Object.entries(value.dtypes!).map(([name, dtype]) => [nameOf(name), dtype])),
    );
  });

  it.each(sound)("is read in part: %s", async (_, value) => {
    const path = put(value);
    const { tensors } = await readWhole(await openFile(path));
    const file = await openFile(path);
    for (const [name, whole] of tensors) {
      const start = Math.floor(whole.length / 3);
      const part = new Float32Array(Math.ceil(whole.length / 2) - Math.min(start, Math.ceil(whole.length / 2)));
      await file.readFloats(name, start, part);
      expect([name, part]).toEqual([name, whole.slice(start, start + part.length)]);
    }
    await file.close();
  });

  it.each(sound)("stays the same bytes when its own values are written into it: %s", async (name, value) => {
    const path = put(value);
    const to = join(folders.make(), "copy", value.open ?? "model.pth");
    mkdirSync(join(to, ".."), { recursive: true });
    const { tensors, dtypes } = await readWhole(await openFile(path));
    const own = [...tensors].filter(
      ([tensor, values]) =>
        ENCODERS.has(dtypes.get(tensor)!) && values.every(Number.isFinite) && !listed(value, dtypes.get(tensor)!),
    );
    // A double holds more than the float32 that is read of it.
    const exact = own.filter(([tensor]) => dtypes.get(tensor) !== "F64");
    const sharded = value.open === "." || value.open?.endsWith(".index.json");
    const target = sharded ? join(to, "..") : to;
    await rewriteFile(path, target, new Map(exact));
    if (name.startsWith("compressed")) {
      expect(await readWhole(await openFile(to))).toEqual(await readWhole(await openFile(path)));
      return;
    }
    const folder = value.open === "." ? path : join(path, "..");
    expect(bytesBelow(join(to, ".."))).toEqual(bytesBelow(folder));
  });

  it.each(sound)("takes other values, in its own types, and nothing else changes: %s", async (_, value) => {
    const path = put(value);
    const to = join(folders.make(), value.open ?? "model.pth");
    const before = await readWhole(await openFile(path));
    const sharded = value.open === "." || value.open?.endsWith(".index.json");
    const other = new Map<string, Float32Array>();
    for (const [name, values] of before.tensors)
      if (ENCODERS.has(before.dtypes.get(name)!) && !listed(value, before.dtypes.get(name)!))
        other.set(
          name,
          values.map((v) => (Number.isFinite(v) ? -v / 2 : v)),
        );
    const target = sharded ? join(folders.make(), "shards") : to;
    await rewriteFile(path, target, other);
    const after = await readWhole(await openFile(target));
    expect(after.shapes).toEqual(before.shapes);
    expect(after.dtypes).toEqual(before.dtypes);
    for (const [name, values] of after.tensors) {
      const dtype = before.dtypes.get(name)!;
      // Half of a subnormal number of few bits may be none of its type.
      const exact = dtype === "F32" || dtype === "F64" || dtype === "BF16";
      const expected = other.get(name) ?? before.tensors.get(name)!;
      if (exact || !other.has(name)) expect([name, values]).toEqual([name, expected]);
      else for (const [i, v] of values.entries()) if (Number.isFinite(v)) expect(v).toBeCloseTo(expected[i]!, 2);
    }
  });

  it.each(cases.filter(([, value]) => isRefused(value)))("is refused by name: %s", async (_, value) => {
    const error = await openFile(put(value)).then(
      () => expect.fail("it was accepted"),
      (reason) => reason,
    );
    expect(error).toMatchObject({ code: "E_CHECKPOINT" });
    const names = value.refused === undefined ? value.objects! : [value.refused];
    expect(names.some((name) => error.message.includes(name))).toBe(true);
    expect(existsSync("pwned")).toBe(false);
  });
});

/** Whether the numbers stand as a list of varints. */
const listed = (value: Case, dtype: string): boolean => value.lists === true && dtype === "F16";

describe("values for a checkpoint", () => {
  const tied = cases.find(([name]) => name.startsWith("tied weights ("))![1];

  it("must be the same for tensors that share elements", async () => {
    const path = put(tied);
    const { tensors } = await readWhole(await openFile(path));
    const values = tensors.get("head.weight")!;
    const to = join(folders.make(), "a.pth");
    const both = (head: Float32Array) =>
      rewriteFile(
        path,
        to,
        new Map([
          ["embedding.weight", values],
          ["head.weight", head],
        ]),
      );
    await both(values);
    await expect(both(values.map((v) => v + 1))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining("embedding.weight shares elements with head.weight"),
    });
    await rewriteFile(path, to, new Map([["head.weight", values.map((v) => v + 1)]]));
    const after = await readWhole(await openFile(to));
    expect(after.tensors.get("embedding.weight")).toEqual(after.tensors.get("head.weight"));
  });

  it("must be of tensors that are there, of their size, and of numbers with a fraction", async () => {
    const path = put(cases.find(([name]) => name.startsWith("a state dict ("))![1]);
    const to = join(folders.make(), "a.pth");
    const write = (name: string, length: number) => rewriteFile(path, to, new Map([[name, new Float32Array(length)]]));
    await expect(write("nothing", 1)).rejects.toThrow("there is no tensor nothing to replace");
    await expect(write("0.bias", 7)).rejects.toThrow("tensor 0.bias has 2 values, and is to be replaced by 7");
    await expect(write("1.num_batches_tracked", 1)).rejects.toThrow("is of type I64, which cannot be generated");
    expect(existsSync(to)).toBe(false);
    await expect(rewriteFile(path, path, new Map([["0.bias", new Float32Array(2)]]))).rejects.toThrow(
      "would replace itself",
    );
  });
});
