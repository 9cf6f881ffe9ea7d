/** A thread that draws noise: it is sent the number of a step and sends back its noise. */
import { parentPort, workerData } from "node:worker_threads";

import { type NoiseRequest, type NoiseResponse, noiseOf } from "./noise.ts";

const { kinds, key } = workerData as NoiseRequest;

parentPort!.on("message", (step: number) => {
  const noise = noiseOf(kinds, key, step);
  const answer: NoiseResponse = { step, noise };
  parentPort!.postMessage(
    answer,
    Object.values(noise).map(({ buffer }) => buffer as ArrayBuffer),
  );
});
