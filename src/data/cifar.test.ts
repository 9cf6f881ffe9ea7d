import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { cifarImage, encodeCifar } from "./cifar.fixture.ts";
import { type CifarLayout, readCifar } from "./cifar.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-cifar-"));
});
afterAll(() => rm(folder, { recursive: true }));

/** What reading these contents as files, one after the other, gives. */
async function read(contents: readonly Uint8Array[], layout: CifarLayout) {
  const paths = contents.map((_, i) => join(folder, `file${i}`));
  for (const [i, path] of paths.entries()) await writeFile(path, contents[i]!);
  return readCifar(paths, layout);
}

const ten: CifarLayout = { labels: [{ what: "label", values: 10 }] };
const hundred: CifarLayout = {
  labels: [
    { what: "coarse label", values: 20 },
    { what: "fine label", values: 100 },
  ],
};
const three = encodeCifar([0, 9, 5].map((label, seed) => ({ labels: [label], seed })));

describe("CIFAR files", () => {
  const record = fc.record({
    labels: fc.tuple(fc.nat(19), fc.nat(99)),
    seed: fc.nat(1000),
  });
  const file = fc.array(record, { minLength: 1, maxLength: 4 });

  it("are read as one sequence of images with their last labels, plain or compressed", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(file, fc.boolean()), { minLength: 1, maxLength: 3 }), async (files) => {
        const contents = files.map(([records, zip]) => (zip ? gzipSync(encodeCifar(records)) : encodeCifar(records)));
        const part = await read(contents, hundred);
        const records = files.flatMap(([records]) => records);
        expect([part.channels, part.height, part.width]).toEqual([3, 32, 32]);
        expect([...part.labels]).toEqual(records.map(({ labels }) => labels[1]));
        expect(Buffer.concat(records.map(cifarImage)).equals(part.images)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });

  it("are read alike when records have one label", async () => {
    const { images, labels } = await read([three], ten);
    expect([...labels]).toEqual([0, 9, 5]);
    expect(images.subarray(2 * 3072)).toEqual(cifarImage({ labels: [], seed: 2 }));
  });

  it("have the checksums of the files as stored", async () => {
    const { checksums } = await read([three, gzipSync(three), three], ten);
    expect(checksums[0]).toMatch(/^[0-9a-f]{64}$/);
    expect(checksums[2]).toBe(checksums[0]);
    expect(checksums[1]).not.toBe(checksums[0]);
  });

  it.each<[string, Uint8Array, CifarLayout, RegExp]>([
    ["empty", new Uint8Array(0), ten, /file0 holds 0 bytes, expected one or more whole records of 3073; get/],
    [
      "truncated",
      three.subarray(0, -1),
      ten,
      /file0 holds 9218 bytes, expected one or more whole records of 3073; get/,
    ],
    [
      "of another number of records",
      three,
      { ...ten, records: 4 },
      /file0 holds 9219 bytes, expected 4 records of 3073 = 12292; get the file again/,
    ],
    ["of the other set", three, hundred, /file0 holds 9219 bytes, expected one or more whole records of 3074/],
    [
      "of a label that is no class",
      encodeCifar([3, 10].map((label, seed) => ({ labels: [label], seed }))),
      ten,
      /file0 gives image 1 the label 10, expected 0 to 9; get the file again/,
    ],
    [
      "of a coarse label out of range",
      encodeCifar([{ labels: [20, 0], seed: 0 }]),
      hundred,
      /file0 gives image 0 the coarse label 20, expected 0 to 19/,
    ],
    [
      "of a fine label out of range",
      encodeCifar([{ labels: [0, 100], seed: 0 }]),
      hundred,
      /file0 gives image 0 the fine label 100, expected 0 to 99/,
    ],
    ["of gzip cut short", gzipSync(three).subarray(0, 200), ten, /file0 is cut short: its gzip data end too early/],
  ])("are refused when %s", async (_, bytes, layout, message) => {
    await expect(read([bytes], layout)).rejects.toMatchObject({
      name: "UserError",
      code: "E_DATA",
      message: expect.stringMatching(message),
    });
  });
});
