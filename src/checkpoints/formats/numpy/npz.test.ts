import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../../test/support/temporary-folders.ts";
import { UserError } from "../../../errors.ts";
import { integers, key } from "../../../random/index.ts";
import { readWhole } from "../../state-dict.ts";
import { bytesOf, npyFile, npyHeader, numpyCases, zipOf } from "./npy.fixture.ts";
import { openNpz, rewriteNpz } from "./npz.ts";

const folders = temporaryFolders();
afterAll(folders.remove);
const folder = folders.make();

const cases = numpyCases("all.npz");
const sound = cases.filter(([, { refused }]) => refused === undefined);

function put(bytes: Uint8Array): string {
  writeFileSync(join(folder, "all.npz"), bytes);
  return join(folder, "all.npz");
}

describe("an archive that NumPy saved", () => {
  it.each(sound)("has its arrays in its order: %s", async (_, value) => {
    const file = await openNpz(put(bytesOf(value)));
    expect([...file.tensors].map(([name, { dtype }]) => [name, dtype])).toEqual(Object.entries(value.dtypes));
    const { tensors, shapes } = await readWhole(file);
    expect(Object.fromEntries(shapes)).toEqual(value.shapes);
    for (const [name, values] of Object.entries(value.values))
      expect([name, [...tensors.get(name)!]]).toEqual([name, values]);
  });

  /** The elements of both arrays of an archive. */
  const elements = Uint8Array.from(integers(key(1), 4000, 256));
  const array = npyFile(npyHeader("<f4", false, [1000]), elements);
  const archive = (compress: boolean) => zipOf({ "w.npy": array, "b.npy": array }, compress);

  it("is refused by the array's name when a bit of its elements was flipped", async () => {
    const damaged = await archive(false);
    damaged[damaged.indexOf(elements.subarray(1000, 1100))]! ^= 4;
    await expect(openNpz(put(damaged)).then(readWhole)).rejects.toThrow(
      /all\.npz: its zip entry w\.npy was changed after it was written/,
    );
  });

  it("is refused by the array's name when it is compressed and has another checksum", async () => {
    const damaged = await archive(true);
    // The second record of the directory, whose checksum begins at byte 16.
    damaged[damaged.lastIndexOf("PK\x01\x02") + 16]! ^= 4;
    await expect(openNpz(put(damaged)).then(readWhole)).rejects.toThrow(
      /all\.npz: its zip entry b\.npy was changed after it was written/,
    );
  });

  it.each(sound)("takes other values and keeps the rest: %s", async (name, value) => {
    const path = put(bytesOf(value));
    const to = join(folder, "copy.npz");
    const before = await readWhole(await openNpz(path));
    const other = new Map(
      ["z.weight", "columns"].map((tensor) => [tensor, before.tensors.get(tensor)!.map((v) => 2 * v)]),
    );
    await rewriteNpz(path, to, other);
    const after = await readWhole(await openNpz(to));
    expect(after).toEqual({ ...before, tensors: new Map([...before.tensors, ...other]) });
    const same = join(folder, "same.npz");
    await rewriteNpz(path, same, new Map([["z.weight", before.tensors.get("z.weight")!]]));
    if (name === "an archive") expect(readFileSync(same)).toEqual(bytesOf(value));
    else expect(await readWhole(await openNpz(same))).toEqual(before);
  });

  it("is read or refused, whatever happened to its bytes", async () => {
    const edit = fc.record({ at: fc.nat(), byte: fc.nat(255) });
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...cases),
        fc.array(edit, { minLength: 1, maxLength: 4 }),
        fc.option(fc.nat(1200)),
        async ([, value], edits, cut) => {
          const bytes = bytesOf(value);
          for (const { at, byte } of edits) bytes[at % bytes.length] = byte;
          const path = put(bytes.subarray(0, cut ?? bytes.length));
          await openNpz(path).then(
            (file) => readWhole(file).catch((error) => expect(error).toBeInstanceOf(UserError)),
            (error) => expect(error).toBeInstanceOf(UserError),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("an archive that NumPy would not save is refused, saying what is wrong", () => {
  const array = npyFile(npyHeader("<f4", false, [2]), new Uint8Array(8));
  const objects = npyFile(npyHeader("|O", false, [1]), Buffer.from("cos\nsystem\n"));
  const bomb = npyFile(npyHeader("|u1", false, [2 ** 26]), new Uint8Array(2 ** 26));
  it.each<[string, Readonly<Record<string, Uint8Array>>, string]>([
    ["nothing in it", {}, "it holds no arrays"],
    ["another file in it", { "a.npy": array, "notes.txt": Buffer.from("x") }, "it has notes.txt, which is no array"],
    ["an array that is none", { "a.npy": Buffer.from("text") }, "in a: it is not an array of NumPy"],
    ["an array of objects", { "a.npy": array, "b.npy": objects }, "in b: its elements are Python objects"],
    ["an array cut off", { "a.npy": array.subarray(0, -1) }, "in a: it has 7 bytes of elements, expected 8"],
  ])("%s", async (_, entries, problem) => {
    for (const compress of [false, true])
      await expect(openNpz(put(await zipOf(entries, compress)))).rejects.toMatchObject({
        code: "E_CHECKPOINT",
        message: expect.stringContaining(problem),
      });
  });

  it("what fills far more memory than its size", async () => {
    const entries = Object.fromEntries(Array.from({ length: 8 }, (_, i) => [`${i}.npy`, bomb]));
    await expect(openNpz(put(await zipOf(entries, true)))).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining("of memory"),
    });
  });
});
