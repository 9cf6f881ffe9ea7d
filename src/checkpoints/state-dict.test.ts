import { readFileSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

import { UserError } from "../errors.ts";
import { readSafetensors, writeSafetensors } from "./formats/safetensors/safetensors.ts";
import { openPth } from "./formats/torch/pth.ts";
import { readStateDict, readWhole } from "./state-dict.ts";

let folder: string;
let path: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-state-dict-"));
  path = join(folder, "checkpoint");
});
afterAll(() => rm(folder, { recursive: true }));

describe("a checkpoint in any format", () => {
  it.each(["types", "the old format", "the old format, protocol 4"])(
    "may be a file of torch.save: %s",
    async (name) => {
      const fixture = JSON.parse(readFileSync(new URL("../../test/fixtures/pth.json", import.meta.url), "utf8"));
      await writeFile(path, gunzipSync(Buffer.from(fixture[name].file, "base64")));
      expect(await readStateDict(path)).toEqual(await readWhole(await openPth(path)));
    },
  );

  it("may be safetensors, whose integers are read too", async () => {
    await writeSafetensors(path, [
      { name: "weight", shape: [2], data: Float32Array.of(1, -2) },
      { name: "num_batches_tracked", shape: [], data: BigInt64Array.of(12n) },
    ]);
    expect(await readStateDict(path)).toEqual({
      tensors: new Map([
        ["weight", Float32Array.of(1, -2)],
        ["num_batches_tracked", Float32Array.of(12)],
      ]),
      shapes: new Map([
        ["weight", [2]],
        ["num_batches_tracked", []],
      ]),
      dtypes: new Map([
        ["weight", "F32"],
        ["num_batches_tracked", "I64"],
      ]),
    });
    await expect(readSafetensors(path)).rejects.toThrow("num_batches_tracked has the type I64");
  });

  it("may be safetensors whose header is as long as to start like a pickle", async () => {
    await writeSafetensors(path, [{ name: "a", shape: [], data: Float32Array.of(1) }], { padding: "x".repeat(556) });
    expect([...readFileSync(path).subarray(0, 3)]).toEqual([0x80, 2, 0]);
    expect([...(await readStateDict(path)).tensors.keys()]).toEqual(["a"]);
  });

  it.each([
    ["nothing", Buffer.alloc(0)],
    ["a text", Buffer.from("<!DOCTYPE html>")],
    ["less than a pickle", Buffer.from([0x80, 2])],
    ["a pickle", Buffer.from("\x80\x02}q\x00X\x01\x00\x00\x00.", "latin1")],
    ["a type that is not read", Buffer.from('5\0\0\0\0\0\0\0{"a":{"dtype":"C64","shape":[0],"data_offsets":[0,0]}}')],
  ])("is refused where it is %s", async (_, bytes) => {
    await writeFile(path, bytes);
    await expect(readStateDict(path)).rejects.toMatchObject({ code: "E_CHECKPOINT" });
  });

  it("is refused where it is missing", async () => {
    await expect(readStateDict(join(folder, "none"))).rejects.toThrow("there is no such file");
  });

  it("is either read or refused, whatever its bytes are", async () => {
    const start = fc.constantFrom("", "PK\x03\x04", "\x80\x02", "\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.");
    await fc.assert(
      fc.asyncProperty(start, fc.uint8Array({ maxLength: 60 }), async (first, rest) => {
        await writeFile(path, Buffer.concat([Buffer.from(first, "latin1"), rest]));
        await readStateDict(path).catch((error) => expect(error).toBeInstanceOf(UserError));
      }),
      { numRuns: 200 },
    );
  });
});
