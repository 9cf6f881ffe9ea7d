import { createHash } from "node:crypto";
import { appendFileSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";

import { pack } from "tar-stream";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { dataSetNames } from "../sets/known-sets.ts";
import { byHand, catalogue, type RemoteSet } from "./catalogue.ts";
import { type GetEvent, getDataSet, listDataSets, remoteSet, verifyDataSet } from "./get.ts";
import { answers, type Server, sends, serve } from "./server.fixture.ts";

let root: string;
let server: Server;
let archive: Buffer;
const list = Buffer.from("labels");
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), "pdiff-get-"));
  const tar = pack();
  tar.entry({ name: "images/a.jpg" }, "aaa");
  tar.entry({ name: "images/b.jpg" }, "bbbb");
  tar.finalize();
  const chunks = [];
  for await (const chunk of tar) chunks.push(chunk as Buffer);
  archive = gzipSync(Buffer.concat(chunks));
  server = await serve((request, response) => sends(request.url === "/list" ? list : archive)(request, response));
});
afterEach(async () => {
  await server.close();
  await rm(root, { recursive: true });
});

const sum = (bytes: Buffer) => createHash("md5").update(bytes).digest("hex");
const set = (mirror = server.url): RemoteSet => ({
  name: "toys",
  terms: "free",
  files: [
    { name: "list", mirrors: [`${mirror}list`], bytes: list.length, md5: sum(list) },
    { name: "a.tgz", mirrors: [`${mirror}a.tgz`], md5: sum(archive), unpack: { strip: 0, mostBytes: 1000 } },
  ],
});
const quick = { pauseMs: 1, retries: 1, stallMs: 500 };
const filesIn = (folder: string) => readdirSync(folder, { recursive: true }).map(String).sort();

describe("getDataSet", () => {
  it("assembles the set in its folder and leaves nothing else", async () => {
    const events: GetEvent[] = [];
    const folder = await getDataSet(set(), { root, ...quick, emit: (event) => events.push(event) });
    expect(folder).toBe(join(root, "toys"));
    expect(filesIn(folder)).toEqual([
      ".pdiff.json",
      "images",
      join("images", "a.jpg"),
      join("images", "b.jpg"),
      "list",
    ]);
    expect(events.map(({ type }) => type)).toContain("unpacking");
    expect(readdirSync(join(root, ".downloads"))).toEqual([]);
    expect(await verifyDataSet(set(), root)).toEqual([]);
  });

  it("only verifies the set when it is there", async () => {
    await getDataSet(set(), { root, ...quick });
    const asked = server.ranges.length;
    const events: GetEvent[] = [];
    await getDataSet(set(), { root, ...quick, emit: (event) => events.push(event) });
    expect(events).toEqual([{ type: "there", folder: join(root, "toys") }]);
    expect(server.ranges).toHaveLength(asked);
  });

  it("downloads the set again when it is damaged", async () => {
    const folder = await getDataSet(set(), { root, ...quick });
    appendFileSync(join(folder, "images", "a.jpg"), "more");
    writeFileSync(join(folder, "list"), "lebals");
    const wrong = await verifyDataSet(set(), root);
    expect(wrong.join("\n")).toMatch(
      /list is not the published file: its checksum differs\n.*holds 3 files of 17 bytes, but 3 of 13/,
    );
    await getDataSet(set(), { root, ...quick });
    expect(await verifyDataSet(set(), root)).toEqual([]);
  });

  it("replaces a folder that it did not make only when forced", async () => {
    mkdirSync(join(root, "toys"));
    writeFileSync(join(root, "toys", "mine"), "precious");
    await expect(getDataSet(set(), { root, ...quick })).rejects.toMatchObject({
      message: expect.stringContaining("was not made by this command; it is left alone"),
    });
    expect(readFileSync(join(root, "toys", "mine"), "utf8")).toBe("precious");
    await getDataSet(set(), { root, ...quick, force: true });
    expect(existsSync(join(root, "toys", "mine"))).toBe(false);
  });

  it("keeps downloaded files and leaves no partial set when it fails", async () => {
    const broken = await serve((request, response) =>
      request.url === "/list" ? sends(list)(request, response) : answers(404)(request, response),
    );
    await expect(getDataSet(set(broken.url), { root, ...quick })).rejects.toMatchObject({ code: "E_DATA" });
    await broken.close();
    expect(existsSync(join(root, "toys"))).toBe(false);
    expect(existsSync(join(root, ".downloads", "toys", "list"))).toBe(true);
    await getDataSet(set(), { root, ...quick });
    expect(await verifyDataSet(set(), root)).toEqual([]);
  });
});

describe("the catalogue", () => {
  it("has sound addresses, sizes and checksums", () => {
    for (const { files, name } of catalogue.values())
      for (const file of files) {
        expect(file.mirrors.length, name).toBeGreaterThan(0);
        for (const mirror of file.mirrors) expect(new URL(mirror).pathname.endsWith(file.name), mirror).toBe(true);
        expect(file.md5).toMatch(/^[0-9a-f]{32}$/);
        expect(file.sha256 ?? "0".repeat(64)).toMatch(/^[0-9a-f]{64}$/);
        expect(file.bytes ?? file.mostBytes).toBeGreaterThan(0);
      }
  });

  it("has every data set, or advice on how to get it by hand", () => {
    const without = dataSetNames.filter((name) => !catalogue.has(name) && !byHand.has(name));
    expect(without).toEqual(["glyphs", "folder"]);
    expect(listDataSets(undefined).map(({ name }) => name)).toEqual(dataSetNames.filter((name) => name !== "folder"));
  });

  it("helps with names that it does not have", () => {
    expect(() => remoteSet("cifar10")).toThrow(/Did you mean cifar-10\?/);
    expect(() => remoteSet("imagenet-1k")).toThrow(/is not downloaded by this program: .*register at/);
    expect(() => remoteSet("glyphs")).toThrow(/drawn by this program/);
  });
});
