/**
 * An HTTP server on loopback for tests: it answers by a list of behaviours, one a request, the last
 * one again and again.
 */
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export type Behaviour = (request: IncomingMessage, response: ServerResponse) => void;

export interface Server {
  readonly url: string;
  /** The Range headers of all requests so far. */
  readonly ranges: (string | undefined)[];
  close(): Promise<void>;
}

/** Starts a server. */
export async function serve(...behaviours: readonly Behaviour[]): Promise<Server> {
  const ranges: (string | undefined)[] = [];
  const server = createServer((request, response) => {
    const behaviour = behaviours[Math.min(ranges.length, behaviours.length - 1)]!;
    ranges.push(request.headers.range);
    response.on("error", () => {});
    behaviour(request, response);
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    ranges,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => void server.close(() => resolve()));
    },
  };
}

const startOf = (request: IncomingMessage): number =>
  Number(/^bytes=(\d+)-/.exec(request.headers.range ?? "")?.[1] ?? 0);

/** Sends the content, or the range asked for unless its validator is another. */
export const sends =
  (content: Buffer, etag = '"one"'): Behaviour =>
  (request, response) => {
    const { "if-range": asked } = request.headers;
    const start = asked === undefined || asked === etag ? startOf(request) : 0;
    if (start >= content.length && start > 0) return void response.writeHead(416).end();
    const range = start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { etag, "content-length": content.length - start, ...range });
    response.end(content.subarray(start));
  };

/** Sends everything, whatever range is asked for. */
export const ignoresRanges =
  (content: Buffer): Behaviour =>
  (_, response) =>
    void response.writeHead(200, { "content-length": content.length }).end(content);

/** Breaks the connection after some bytes of what it would send. */
export const dropsAfter =
  (content: Buffer, bytes: number, etag = '"one"'): Behaviour =>
  (request, response) => {
    const start = startOf(request);
    const range = start > 0 ? { "content-range": `bytes ${start}-${content.length - 1}/${content.length}` } : {};
    response.writeHead(start > 0 ? 206 : 200, { etag, "content-length": content.length - start, ...range });
    response.write(content.subarray(start, start + bytes), () => setTimeout(() => response.destroy(), 20));
  };

/** Sends some bytes and then nothing more. */
export const stallsAfter =
  (content: Buffer, bytes: number): Behaviour =>
  (_, response) => {
    response.writeHead(200, { etag: '"one"', "content-length": content.length });
    response.write(content.subarray(0, bytes));
  };

export const answers =
  (status: number, headers: Record<string, string> = {}, body = ""): Behaviour =>
  (_, response) =>
    void response.writeHead(status, headers).end(body);
