import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import type { Worker } from "node:worker_threads";
import { afterAll, expect, it } from "vitest";

import { temporaryFolders } from "../../test/support/temporary-folders.ts";
import { startThread } from "./thread.ts";

const folders = temporaryFolders();
afterAll(folders.remove);

async function answerOf(thread: Worker): Promise<unknown> {
  const [answer] = await once(thread, "message");
  await thread.terminate();
  return answer;
}

it("starts a file of TypeScript beside one of TypeScript", async () => {
  expect(await answerOf(startThread("echo.fixture", import.meta.url, { steps: 3 }))).toEqual({ got: { steps: 3 } });
});

it("starts a file of JavaScript beside one of JavaScript, as in the built package", async () => {
  const folder = folders.make();
  const source =
    "const { parentPort, workerData } = require('node:worker_threads'); parentPort.postMessage(workerData);";
  writeFileSync(join(folder, "echo.js"), source);
  const base = pathToFileURL(join(folder, "noise-ahead.js")).href;
  expect(await answerOf(startThread("echo", base, "hello"))).toBe("hello");
});
