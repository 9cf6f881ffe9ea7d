import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, gunzipSync } from "node:zlib";

import { afterAll, describe, expect, it } from "vitest";

import { temporaryFolders } from "../../../../test/support/temporary-folders.ts";
import { given } from "../../../lookup.ts";
import { readWhole } from "../../state-dict.ts";
import { openPlain } from "../plain-file.ts";
import { openZip } from "../zip.ts";
import { archiveKind, openAgent, rewriteAgent } from "./agent-archive.ts";
import { agentOf, pickleOf, pthOf, zipOf } from "./pth.fixture.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

/** An archive laid out as Stable-Baselines3 does, and what its policy holds. */
interface Case {
  readonly file: string;
  readonly shapes: Readonly<Record<string, readonly number[]>>;
  readonly values: Readonly<Record<string, readonly number[]>>;
}
const fixture: Readonly<Record<string, Case>> = JSON.parse(readFileSync("test/fixtures/agents.json", "utf8"));
const cases = Object.entries(fixture);

function put(bytes: Uint8Array): string {
  const path = join(folders.make(), "agent.zip");
  writeFileSync(path, bytes);
  return path;
}
const fileOf = ({ file }: Case): Buffer => gunzipSync(Buffer.from(file, "base64"));

/** The contents of an archive by name, each compared with its checksum. */
async function contentsOf(path: string): Promise<Map<string, Uint8Array>> {
  const file = await openPlain(path);
  const zip = await openZip(file);
  const contents = new Map<string, Uint8Array>();
  for (const name of zip.names) {
    const { size, read } = given(await zip.open(name, () => {}));
    const bytes = new Uint8Array(size);
    await read(0, bytes);
    contents.set(name, bytes);
  }
  await file.close();
  return contents;
}

/** Where the content of an entry and its checksums lie, in an archive or in one within it. */
async function placesOf(path: string, entry: string) {
  const file = await openPlain(path);
  const zip = await openZip(file);
  const { position = 0, size } = given(await zip.open(entry, () => {}));
  const { checksums } = await zip.record(entry);
  await file.close();
  return { position, size, checksums };
}

const six = { storage: "0", stored: 6, offset: 0, shape: [2, 3], strides: [3, 1] };
const values = { 0: Float32Array.of(0, 1, 2, 3, 4, 5) };

describe("an agent's archive", () => {
  it.each(cases)("has the tensors of its policy: %s", async (_, value) => {
    const agent = await openAgent(put(fileOf(value)));
    expect(agent).toMatchObject({ format: "stable-baselines3", bytes: fileOf(value).length, metadata: {} });
    expect(agent.beside).toEqual(["pytorch_variables.pth", "policy.optimizer.pth (the state of an optimiser)"]);
    const { tensors, shapes } = await readWhole(agent);
    expect(Object.fromEntries(shapes)).toEqual(value.shapes);
    expect([...tensors]).toEqual(
      Object.entries(value.values).map(([name, numbers]) => [name, Float32Array.from(numbers)]),
    );
  });

  it("changes only the tensor and the checksums of the policy and of its storage when it is rewritten", async () => {
    const path = put(fileOf(given(fixture["an agent"])));
    const to = join(folders.make(), "new.zip");
    await rewriteAgent(path, to, new Map([["action_net.bias", Float32Array.of(1000, -1000)]]));
    const [before, after] = [readFileSync(path), readFileSync(to)];
    expect(after.length).toBe(before.length);
    const outer = await placesOf(path, "policy.pth");
    const policy = after.subarray(outer.position, outer.position + outer.size);
    // Of the tensors, the sixth.
    const inner = await placesOf(put(policy), "archive/data/5");
    const storage = outer.position + inner.position;
    const bytes = (start: number, length: number) => Array.from({ length }, (_, i) => start + i);
    const sums = [...outer.checksums, ...inner.checksums.map((at) => outer.position + at)];
    const may = new Set([...bytes(storage, 8), ...sums.flatMap((at) => bytes(at, 4))]);
    expect([...after.keys()].filter((i) => after[i] !== before[i] && !may.has(i))).toEqual([]);
    expect([after.readFloatLE(storage), after.readFloatLE(storage + 4)]).toEqual([1000, -1000]);
    for (const at of outer.checksums) expect(after.readUInt32LE(at)).toBe(crc32(policy));
    for (const at of inner.checksums)
      expect(after.readUInt32LE(outer.position + at)).toBe(crc32(after.subarray(storage, storage + 8)));
  });

  it.each(cases)("keeps everything but the policy's values when it is rewritten: %s", async (_, value) => {
    const path = put(fileOf(value));
    const to = join(folders.make(), "new.zip");
    const other = new Map([["value_net.weight", Float32Array.of(7, 8, 9)]]);
    await rewriteAgent(path, to, other);
    const [before, after] = [await contentsOf(path), await contentsOf(to)];
    expect([...after.keys()]).toEqual([...before.keys()]);
    for (const [name, content] of after)
      if (name !== "policy.pth") expect([name, content]).toEqual([name, before.get(name)]);
    const { tensors } = await readWhole(await openAgent(to));
    const old = Object.entries(value.values).map(([name, numbers]) => [name, Float32Array.from(numbers)] as const);
    expect(tensors).toEqual(new Map([...old, ...other]));
  });

  it.each(cases)("is the same file when no values are given: %s", async (_, value) => {
    const path = put(fileOf(value));
    const to = join(folders.make(), "new.zip");
    await rewriteAgent(path, to, new Map());
    expect(readFileSync(to)).toEqual(fileOf(value));
  });

  it("has the network that a key names where its policy holds several", async () => {
    const named = (name: string, storage: string) =>
      Buffer.concat([
        Buffer.from(`U\x05${name}}(`),
        pickleOf({ w: { ...six, storage } }).subarray(4, -2),
        Buffer.from("u"),
      ]);
    const policy = zipOf([
      ["m/data.pkl", Buffer.concat([Buffer.from("}("), named("actor", "0"), named("other", "1"), Buffer.from("u.")])],
      ["m/data/0", new Uint8Array(values[0].buffer)],
      ["m/data/1", new Uint8Array(24)],
    ]);
    const path = put(agentOf(policy));
    const { tensors } = await readWhole(await openAgent(path, { key: "actor" }));
    expect(tensors.get("w")).toEqual(values[0]);
    const to = join(folders.make(), "new.zip");
    await rewriteAgent(path, to, new Map([["w", new Float32Array(6).fill(2)]]), { key: "other" });
    expect((await readWhole(await openAgent(to, { key: "other" }))).tensors.get("w")).toEqual(
      new Float32Array(6).fill(2),
    );
    expect((await readWhole(await openAgent(to, { key: "actor" }))).tensors.get("w")).toEqual(values[0]);
    await expect(openAgent(path)).rejects.toThrow("in its policy.pth: it has several dicts of tensors");
  });

  it.each([
    [
      "policy is an agent",
      agentOf(agentOf(pthOf({ w: six }, values))),
      "in its policy.pth: it is a zip archive without data.pkl",
    ],
    ["policy is empty", agentOf(new Uint8Array()), "in its policy.pth: it is neither a zip archive nor a pickle"],
    [
      "policy is cut short",
      agentOf(pthOf({ w: six }, values).subarray(0, -9)),
      "in its policy.pth: its zip directory cannot be read",
    ],
    ["policy is missing", zipOf([["data", new Uint8Array()]]), "it holds no policy.pth"],
  ])("is refused when its %s", async (_, bytes, problem) => {
    const path = put(bytes);
    await expect(openAgent(path)).rejects.toMatchObject({
      code: "E_CHECKPOINT",
      message: expect.stringContaining(`${path}: ${problem}`),
    });
  });

  it("is to be saved again by its own program when its policy is damaged", async () => {
    await expect(openAgent(put(agentOf(new Uint8Array())))).rejects.toThrow("save it again with model.save(FILE)");
  });

  it("is refused when a bit of its policy was flipped", async () => {
    const bytes = fileOf(given(fixture["an agent"]));
    const at = bytes.indexOf(
      new Uint8Array(Float32Array.from(given(fixture["an agent"]).values["action_net.weight"] ?? []).buffer),
    );
    expect(at).toBeGreaterThan(0);
    bytes.writeUInt8(bytes.readUInt8(at) ^ 1, at);
    await expect(openAgent(put(bytes))).rejects.toThrow("its zip entry policy.pth was changed after it was written");
  });
});

describe("a zip archive", () => {
  it.each([
    ["an agent", "agent", agentOf(new Uint8Array())],
    ["another one", "other", pthOf({ w: six }, values)],
    ["damaged", "damaged", agentOf(new Uint8Array()).subarray(0, 50)],
  ])("is known to be %s", async (_, kind, bytes) => {
    expect(await archiveKind(put(bytes))).toBe(kind);
  });
});
