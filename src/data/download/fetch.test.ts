import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { createServer, request as httpRequest } from "node:http";
import { type AddressInfo, connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { RemoteFile } from "./catalogue.ts";
import { type FetchOptions, fetchFile } from "./fetch.ts";
import {
  answers,
  type Behaviour,
  dropsAfter,
  ignoresRanges,
  type Server,
  sends,
  serve,
  stallsAfter,
} from "./server.fixture.ts";

const content = Buffer.from(Uint8Array.from({ length: 300_000 }, (_, i) => (i * 31 + (i >> 8)) % 251));
const md5 = createHash("md5").update(content).digest("hex");

let folder: string;
let to: string;
const servers: Server[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), "pdiff-fetch-"));
  to = join(folder, "file.bin");
});
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
  await rm(folder, { recursive: true });
});

async function server(...behaviours: Behaviour[]): Promise<Server> {
  const made = await serve(...behaviours);
  servers.push(made);
  return made;
}

const file = (mirrors: readonly Server[], more: Partial<RemoteFile> = {}): RemoteFile => ({
  name: "file.bin",
  mirrors: mirrors.map(({ url }) => url),
  bytes: content.length,
  md5,
  ...more,
});

const get = (of: RemoteFile, more: Partial<FetchOptions> = {}) =>
  fetchFile(of, { to, stallMs: 3000, retries: 3, pauseMs: 5, ...more });

const isWhole = () => {
  expect(readFileSync(to).equals(content)).toBe(true);
  expect([`${to}.part`, `${to}.part.json`].filter(existsSync)).toEqual([]);
};

describe("a download", () => {
  it("reports progress, and renames the file when it is whole", async () => {
    const seen: number[] = [];
    await get(file([await server(sends(content))]), { onProgress: (done) => seen.push(done) });
    isWhole();
    expect(seen.at(-1)).toBe(content.length);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  });

  it("resumes with a range when a connection breaks, to the same bytes", async () => {
    writeFileSync(`${to}.part`, content.subarray(0, 50_000));
    const one = await server(dropsAfter(content, 100_000), dropsAfter(content, 50_000), sends(content));
    await get(file([one]));
    isWhole();
    const starts = one.ranges.map((range) => Number(/^bytes=(\d+)-$/.exec(range!)![1]));
    expect(starts[0]).toBe(50_000);
    expect(starts).toEqual(starts.toSorted((x, y) => x - y));
  });

  it("starts over when the server ignores ranges", async () => {
    writeFileSync(`${to}.part`, Buffer.alloc(1000, 9));
    const one = await server(ignoresRanges(content));
    await get(file([one]));
    isWhole();
    expect(one.ranges).toEqual(["bytes=1000-"]);
  });

  it("starts over when the file changed on the server", async () => {
    const old = Buffer.alloc(content.length, 7);
    await get(file([await server(dropsAfter(old, 100_000, '"old"'), sends(content, '"new"'))]));
    isWhole();
  });

  it("tries the next mirror when one stalls", async () => {
    const [slow, good] = [await server(stallsAfter(content, 1000)), await server(sends(content))];
    await get(file([slow, good]), { retries: 1, stallMs: 300 });
    isWhole();
    expect(slow.ranges).toHaveLength(2);
  });

  it.each<[string, Behaviour]>([
    ["sends wrong bytes", sends(Buffer.alloc(content.length, 1))],
    ["sends a web page and says so", answers(200, { "content-type": "text/html; charset=utf-8" }, "<h1>Sorry</h1>")],
    ["says that it has another length", sends(content.subarray(1))],
    ["does not have the file", answers(404)],
    ["is broken", answers(503)],
    ["sends on for ever", answers(302, { location: "/again" })],
    ["sends on to a file of this machine", answers(302, { location: "file:///etc/passwd" })],
  ])("goes to the next mirror when one %s", async (_, behaviour) => {
    const good = await server(sends(content));
    await get(file([await server(behaviour), good]));
    isWhole();
    // Nothing of the bad one was kept to be continued.
    expect(good.ranges).toEqual([undefined]);
  });

  it("refuses a web page without a type, and an endless body, when no length is known", async () => {
    const page = await server(answers(200, {}, "\n<!DOCTYPE html><title>Moved</title>"));
    const endless = await server((_, response) => {
      response.writeHead(200);
      const more = () => void (response.destroyed || response.write(Buffer.alloc(65_536), () => setImmediate(more)));
      more();
    });
    const { bytes: _, ...unknown } = file([page, endless], { mostBytes: 400_000 });
    await expect(get(unknown)).rejects.toMatchObject({
      code: "E_DATA",
      message: expect.stringMatching(
        /a web page, not the file; .*sends more than 400000 bytes; try again later, or put the file there/,
      ),
    });
    expect(existsSync(to)).toBe(false);
  });

  it("names the error of every mirror when none has the file", async () => {
    const mirrors = [await server(answers(404)), await server(sends(Buffer.alloc(content.length)))];
    await expect(get(file(mirrors))).rejects.toMatchObject({
      code: "E_DATA",
      message: expect.stringMatching(/file\.bin could not be downloaded: .*answered 404; .*checksum differs/),
    });
    expect(existsSync(`${to}.part`)).toBe(false);
  });

  it("keeps the partial file when it is stopped, and the same call resumes it", async () => {
    const controller = new AbortController();
    const slow = await server(stallsAfter(content, 120_000), sends(content));
    const onProgress = (done: number) => void (done === 120_000 && setTimeout(() => controller.abort(), 20));
    await expect(get(file([slow]), { onProgress, signal: controller.signal, stallMs: 5000 })).rejects.toThrow(
      "is kept",
    );
    expect(readFileSync(`${to}.part`).equals(content.subarray(0, 120_000))).toBe(true);
    await get(file([slow]));
    isWhole();
    expect(slow.ranges[1]).toBe("bytes=120000-");
  });

  it("deletes a partial file that is too long or of another file", async () => {
    writeFileSync(`${to}.part`, Buffer.alloc(content.length + 5));
    await get(file([await server(sends(content))]));
    isWhole();
    writeFileSync(`${to}.part`, Buffer.alloc(1000, 3));
    await get(file([await server(sends(content)), await server(sends(content))]));
    isWhole();
  });

  it("uses a proxy when the environment names one", async () => {
    const origin = await server(sends(content));
    const seen: string[] = [];
    const proxy = createServer((request, response) => {
      seen.push(request.url!);
      request.pipe(
        httpRequest(request.url!, { headers: request.headers }, (answer) => {
          response.writeHead(answer.statusCode!, answer.headers);
          answer.pipe(response);
        }),
      );
    });
    proxy.on("connect", (request, socket) => {
      seen.push(request.url!);
      const [host, port] = request.url!.split(":") as [string, string];
      const to = connect(Number(port), host, () => {
        socket.write("HTTP/1.1 200 OK\r\n\r\n");
        to.pipe(socket).pipe(to);
      });
    });
    await new Promise<void>((resolve) => void proxy.listen(0, "127.0.0.1", resolve));
    vi.stubEnv("HTTP_PROXY", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("http_proxy", `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`);
    vi.stubEnv("NO_PROXY", "");
    vi.stubEnv("no_proxy", "");
    try {
      await get(file([origin]));
    } finally {
      vi.unstubAllEnvs();
      proxy.closeAllConnections();
      proxy.close();
    }
    isWhole();
    expect(seen).toHaveLength(1);
  });
});
