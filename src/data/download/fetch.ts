/**
 * Downloads one file from one of several mirrors, and renames it when it is whole and its checksum
 * is right. A partial file is resumed if the server allows it; a damaged one is deleted, and the
 * next mirror is tried.
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { open, rename, stat } from "node:fs/promises";
import { setTimeout as sleep } from "node:timers/promises";

import type { Dispatcher, request } from "undici";

import { Interrupted, UserError } from "../../errors.ts";
import { readJson, remove, writeJson } from "../../files/index.ts";
import type { RemoteFile } from "./catalogue.ts";

/** Options of `fetchFile`. */
export interface FetchOptions {
  /** The path of the file; it is `TO.part` until it is whole. */
  readonly to: string;
  readonly onProgress?: ((done: number, total: number | undefined) => void) | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds without a byte after which a mirror is given up; 60 000 by default. */
  readonly stallMs?: number;
  /** Retries of one mirror; 5 by default. */
  readonly retries?: number;
  /** Milliseconds before the first retry, doubled before each later one; 1000 by default. */
  readonly pauseMs?: number;
}

/** The most bytes of a file of unknown size. */
const MAX_BYTES = 16 * 2 ** 30;
const MAX_REDIRECTS = 5;

/** An error that no retry mends: the next mirror is tried at once. */
class UnusableMirror extends Error {}

/**
 * Downloads a file, resuming a partial one.
 * @throws UserError `E_DATA` when no mirror has it, with the error of each; `E_DISK` when the disk
 *   is full.
 * @throws Interrupted when the signal aborts; the partial file stays, and the same call resumes it.
 */
export async function fetchFile(file: RemoteFile, options: FetchOptions): Promise<void> {
  const { to, signal, retries = 5, pauseMs = 1000 } = options;
  // Loaded where it is needed: its WebAssembly fails where the address space is limited.
  const { EnvHttpProxyAgent, request } = await import("undici");
  const agent = new EnvHttpProxyAgent();
  const failures: string[] = [];
  try {
    for (const mirror of file.mirrors) {
      for (let attempt = 0; ; attempt++) {
        try {
          await fetchFrom(mirror, file, options, { agent, request });
          await requireChecksum(file, `${to}.part`);
          await rename(`${to}.part`, to);
          await remove(`${to}.part.json`);
          return;
        } catch (error) {
          if (signal?.aborted) throw new Interrupted(`stopped; ${to}.part is kept, and the same command continues it`);
          const { code, message } = error as NodeJS.ErrnoException;
          if (code === "ENOSPC" || code === "EDQUOT")
            throw new UserError("E_DISK", `the disk is full at ${to}.part; make room and call again to continue`);
          if (error instanceof UserError) throw error;
          if (error instanceof UnusableMirror || attempt >= retries) {
            failures.push(`${mirror}: ${message || code}`);
            break;
          }
          await sleep(pauseMs * 2 ** attempt, undefined, { signal }).catch(() => {});
        }
      }
    }
  } finally {
    await agent.close();
  }
  throw new UserError(
    "E_DATA",
    `${file.name} could not be downloaded: ${failures.join("; ")}; try again later, or put the file there yourself: ${to}`,
  );
}

/** What requests are made with. */
interface Client {
  readonly agent: Dispatcher;
  readonly request: typeof request;
}

/** Where a partial file comes from. */
interface Origin {
  readonly mirror: string;
  readonly validator: string | undefined;
}

async function fetchFrom(
  mirror: string,
  file: RemoteFile,
  { to, onProgress, signal, stallMs = 60_000 }: FetchOptions,
  client: Client,
): Promise<void> {
  const part = `${to}.part`;
  const origin = (await readJson(`${part}.json`).catch(() => undefined)) as Origin | undefined;
  const there = await stat(part).then(
    (status) => status.size,
    () => 0,
  );
  // Bytes from another mirror are kept: the checksum decides. The validator detects a changed file.
  const from = file.bytes !== undefined && there > file.bytes ? 0 : there;
  if (from > 0 && from === file.bytes) return;
  const validator = origin?.mirror === mirror ? origin.validator : undefined;
  const headers: Record<string, string> = { "accept-encoding": "identity" };
  if (from > 0) headers.range = `bytes=${from}-`;
  if (from > 0 && validator !== undefined) headers["if-range"] = validator;
  const { statusCode, headers: answered, body } = await follow(mirror, { headers, signal, stallMs, client });
  const leave = async (error: Error): Promise<never> => {
    body.on("error", () => {});
    body.destroy();
    throw error;
  };
  if (statusCode === 416) {
    // The range is empty: the partial file is whole, or too long.
    body.on("error", () => {});
    body.destroy();
    if (await isPublished(file, part)) return;
    await remove(part);
    throw new Error("the server has fewer bytes than are here; starting over");
  }
  if (statusCode >= 500 || statusCode === 408 || statusCode === 429) return leave(new Error(`answered ${statusCode}`));
  if (statusCode !== 200 && statusCode !== 206) return leave(new UnusableMirror(`answered ${statusCode}`));
  if (/text\/html/i.test(String(answered["content-type"] ?? "")))
    return leave(new UnusableMirror("answered with a web page, not the file"));
  // A server without ranges sends the whole file.
  const start = statusCode === 206 ? from : 0;
  if (statusCode === 206 && !String(answered["content-range"] ?? "").startsWith(`bytes ${from}-`))
    return leave(new UnusableMirror("answered with another range than was asked for"));
  const length = Number(answered["content-length"] ?? Number.NaN);
  const total = file.bytes ?? (Number.isFinite(length) ? start + length : undefined);
  if (Number.isFinite(length) && file.bytes !== undefined && start + length !== file.bytes)
    return leave(new UnusableMirror(`has ${start + length} bytes, expected ${file.bytes}`));
  const most = file.bytes ?? file.mostBytes ?? MAX_BYTES;
  const etag = String(answered.etag ?? "");
  const named = etag !== "" && !etag.startsWith("W/") ? etag : answered["last-modified"];
  await writeJson(`${part}.json`, { mirror, ...(named !== undefined && { validator: String(named) }) });
  const handle = await open(part, start > 0 ? "r+" : "w");
  let at = start;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      if (at === 0 && /^\s*<(!doctype|html)/i.test(chunk.subarray(0, 64).toString("latin1")))
        throw new UnusableMirror("answered with a web page, not the file");
      if (at + chunk.length > most) throw new UnusableMirror(`sends more than ${most} bytes`);
      await handle.write(chunk, 0, chunk.length, at);
      at += chunk.length;
      onProgress?.(at, total);
    }
    await handle.truncate(at);
    await handle.sync();
  } finally {
    await handle.close();
    body.on("error", () => {});
    body.destroy();
  }
  if (total !== undefined && at !== total) throw new Error(`broke off after ${at} of ${total} bytes`);
}

/** A request. */
interface FetchRequest {
  readonly headers: Record<string, string>;
  readonly signal: AbortSignal | undefined;
  readonly stallMs: number;
  readonly client: Client;
}

/** Requests an address and follows its redirects. */
async function follow(
  address: string,
  { headers, signal, stallMs, client }: FetchRequest,
): Promise<Dispatcher.ResponseData> {
  let url = address;
  for (let i = 0; i <= MAX_REDIRECTS; i++) {
    const response = await client.request(url, {
      headers,
      dispatcher: client.agent,
      headersTimeout: stallMs,
      bodyTimeout: stallMs,
      ...(signal && { signal }),
    });
    const { location } = response.headers;
    if (response.statusCode < 300 || response.statusCode >= 400 || location === undefined) return response;
    response.body.on("error", () => {});
    response.body.destroy();
    url = new URL(String(location), url).href;
    if (!/^https?:/.test(url)) throw new UnusableMirror(`sends on to ${url.slice(0, 100)}`);
  }
  throw new UnusableMirror("sends on and on");
}

/** The checksum of a file, in hexadecimal. */
async function checksumOf(path: string, kind: "md5" | "sha256" = "md5"): Promise<string> {
  const hash = createHash(kind);
  for await (const chunk of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(chunk);
  return hash.digest("hex");
}

/** Whether a file has the published checksum. */
export async function isPublished({ md5, sha256 }: RemoteFile, path: string): Promise<boolean> {
  return sha256 === undefined ? (await checksumOf(path)) === md5 : (await checksumOf(path, "sha256")) === sha256;
}

async function requireChecksum(file: RemoteFile, path: string): Promise<void> {
  if (await isPublished(file, path)) return;
  await remove(path);
  throw new UnusableMirror("sent wrong bytes: the checksum differs from the published one");
}
