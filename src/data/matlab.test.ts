import { existsSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { encodeMatlab } from "./matlab.fixture.ts";
import { readMatlab } from "./matlab.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-matlab-"));
  path = join(folder, "a.mat");
});
afterAll(() => rm(folder, { recursive: true }));
const read = (bytes: Uint8Array) => {
  writeFileSync(path, bytes);
  return readMatlab(path);
};

const some = [
  { name: "X", shape: [2, 3], values: Uint8Array.of(1, 2, 3, 4, 5, 250) },
  { name: "y", shape: [1, 2], values: Float64Array.of(-1.5, 1e300) },
];

describe("a MAT-file", () => {
  it.each([true, false])("is read as it was written, compressed: %s", async (compressed) => {
    const { arrays, sha256 } = await read(encodeMatlab(some, compressed));
    expect([...arrays]).toEqual(some.map(({ name, shape }) => [name, { shape, values: expect.anything() }]));
    for (const { name, values } of some) expect([...arrays.get(name)!.values]).toEqual([...values]);
    expect(sha256).toMatch(/^[0-9a-f]{64}$/);
  });

  it("is read as it was written, whatever its arrays", async () => {
    const array = fc.array(fc.double({ noNaN: true }), { maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(array, fc.boolean(), async (values, compressed) => {
        const file = encodeMatlab(
          [{ name: "v", shape: [1, values.length], values: Float64Array.from(values) }],
          compressed,
        );
        expect([...(await read(file)).arrays.get("v")!.values]).toEqual(values);
      }),
      { numRuns: 50 },
    );
  });

  const changed = (change: (file: Buffer) => void) => (file: Buffer) => {
    change(file);
    return file;
  };
  it.each<[string, (file: Buffer) => Buffer, RegExp]>([
    ["another kind of file", () => Buffer.alloc(200), /no MAT-file of level 5/],
    ["a file cut short", (file) => file.subarray(0, file.length - 9), /ends within an element/],
    [
      "a size beyond all bounds",
      changed((file) => file.writeUInt32LE(0xffffffff, 132)),
      /ends within an element of 4294967295/,
    ],
    [
      "fewer numbers than the shape says",
      changed((file) => file.writeInt32LE(99, 128 + 8 + 16 + 8)),
      /numbers in "X", expected/,
    ],
    [
      "text where numbers should be",
      changed((file) => file.writeUInt8(4, 128 + 8 + 8)),
      /array "X" of class 4, expected numbers/,
    ],
  ])("with %s is refused by its name", async (_, change, message) => {
    const file = change(encodeMatlab(some.slice(0, 1), false));
    await expect(read(file)).rejects.toMatchObject({ code: "E_DATA", message: expect.stringMatching(message) });
  });

  it("gives arrays or a UserError, whatever is damaged", async () => {
    const whole = encodeMatlab(some, false);
    const damage = fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(damage, async (changes) => {
        const file = Buffer.from(whole);
        for (const [at, byte] of changes) file[at] = byte;
        const outcome = await read(file).catch((error: unknown) => error);
        if (outcome instanceof Error) expect(outcome).toBeInstanceOf(UserError);
      }),
      { numRuns: 300 },
    );
  });
});

const real = process.env.PDIFF_DATA ?? fileURLToPath(new URL("../../../shared/data", import.meta.url));
const flowers = join(real, "flowers-102", "setid.mat");

describe.skipIf(!existsSync(flowers))("the official files of Flowers-102", () => {
  it("hold the labels and the three splits", async () => {
    const splits = (await readMatlab(flowers)).arrays;
    expect(["trnid", "valid", "tstid"].map((name) => splits.get(name)!.values.length)).toEqual([1020, 1020, 6149]);
    const labels = (await readMatlab(join(real, "flowers-102", "imagelabels.mat"))).arrays.get("labels")!;
    expect([labels.shape, Math.min(...labels.values), Math.max(...labels.values)]).toEqual([[1, 8189], 1, 102]);
  });
});
