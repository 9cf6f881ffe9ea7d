/**
 * A thread that fills batches: it receives a step with empty arrays, and sends the arrays back
 * full.
 */
import { parentPort, workerData } from "node:worker_threads";

import type { ErrorCode } from "../errors.ts";
import type { Key } from "../random/index.ts";
import { batchFiller } from "./batches.ts";
import type { Preparation, Split } from "./data-set.ts";

/** What a thread is started with. */
export interface WorkerData {
  readonly preparation: Preparation;
  readonly split: Split;
}

/** Asks the thread for a batch. The arrays are transferred. */
export interface FeedRequest {
  readonly step: number;
  readonly indices: Int32Array;
  readonly augment: Key;
  readonly images: Float32Array;
  readonly labels: Int32Array;
}

/** What the thread sends back. */
export type FeedResponse =
  | { readonly type: "full"; readonly step: number; readonly images: Float32Array; readonly labels: Int32Array }
  | { readonly type: "failed"; readonly message: string; readonly code: ErrorCode | undefined };

const { preparation, split } = workerData as WorkerData;
const filler = batchFiller(preparation, split);

parentPort?.on("message", ({ step, indices, augment, images, labels }: FeedRequest) => {
  try {
    filler.fill(indices, images, labels, augment);
    const full: FeedResponse = { type: "full", step, images, labels };
    parentPort?.postMessage(full, [images.buffer, labels.buffer] as ArrayBuffer[]);
  } catch (error) {
    const { message, code } = error as Error & { code?: ErrorCode };
    const failed: FeedResponse = { type: "failed", message, code: code?.startsWith("E_") ? code : undefined };
    parentPort?.postMessage(failed);
  }
});
