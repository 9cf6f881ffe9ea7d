import { expect, it, vi } from "vitest";

import { key } from "../random/index.ts";
import type { FeedRequest, FeedResponse } from "./feed-worker.ts";
import { memorySplit } from "./split.fixture.ts";

const preparation = { channels: 1, height: 1, width: 1, view: null, augmentation: null, mean: [0], std: [1] };
const split = memorySplit(preparation, Uint8Array.of(0, 51, 255), Uint8Array.of(7, 8, 9));

/** The thread's end of its channel. */
const port = vi.hoisted(() => ({ on: vi.fn(), postMessage: vi.fn() }));
vi.mock("node:worker_threads", () => ({
  parentPort: port,
  get workerData() {
    return { preparation, split };
  },
}));

/** What the thread answers to a request, and the arrays that it gives away. */
async function answer(indices: readonly number[]): Promise<[FeedResponse, ArrayBuffer[]]> {
  await import("./feed-worker.ts");
  const take = port.on.mock.calls[0]![1] as (request: FeedRequest) => void;
  const count = indices.length;
  take({
    step: 4,
    indices: Int32Array.from(indices),
    augment: key(1),
    images: new Float32Array(count),
    labels: new Int32Array(count),
  });
  return port.postMessage.mock.lastCall as [FeedResponse, ArrayBuffer[]];
}

it("sends the arrays of a request back full, without a copy", async () => {
  const [response, transferred] = await answer([2, 1]);
  if (response.type !== "full") throw new Error(response.message);
  const { step, images, labels } = response;
  expect([step, [...labels]]).toEqual([4, [9, 8]]);
  expect(images[0]).toBeCloseTo(1, 6);
  expect(images[1]).toBeCloseTo(0.2, 6);
  expect(transferred).toEqual([images.buffer, labels.buffer]);
});

it("sends the message of an error, and no code where it is none of ours", async () => {
  const [response] = await answer([3]);
  expect(response).toEqual({
    type: "failed",
    message: "image 3 is not one of the 3 of this split",
    code: undefined,
  });
});
