import { EventEmitter } from "node:events";
import { expect, it, vi } from "vitest";

import { key, type NoiseKind, noiseOf } from "../random/index.ts";

const kinds: readonly NoiseKind[] = [
  { name: "mask", distribution: { kind: "bernoulli", rate: 0.5 }, length: 4 },
  { name: "noise", distribution: { kind: "normal" }, length: 3 },
];

it("sends back the noise of every step that it is asked for, and moves its memory", async () => {
  const sent: unknown[] = [];
  const parentPort = Object.assign(new EventEmitter(), {
    postMessage: (...message: unknown[]) => void sent.push(message),
  });
  vi.doMock("node:worker_threads", () => ({ parentPort, workerData: { kinds, key: key(7) } }));
  await import("./noise-worker.ts");
  for (const step of [5, 2]) parentPort.emit("message", step);
  expect(sent).toEqual(
    [5, 2].map((step) => {
      const noise = noiseOf(kinds, key(7), step);
      return [{ step, noise }, Object.values(noise).map(({ buffer }) => buffer)];
    }),
  );
});
