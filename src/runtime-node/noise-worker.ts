/** A thread that draws noise: it receives the number of a step and sends back the step's noise. */
import { parentPort, workerData } from "node:worker_threads";

import { noiseOf } from "../random/index.ts";
import type { NoiseRequest, NoiseResponse } from "./noise-ahead.ts";

const { kinds, key } = workerData as NoiseRequest;

parentPort?.on("message", (step: number) => {
  const noise = noiseOf(kinds, key, step);
  const response: NoiseResponse = { step, noise };
  parentPort?.postMessage(
    response,
    Object.values(noise).map(({ buffer }) => buffer as ArrayBuffer),
  );
});
