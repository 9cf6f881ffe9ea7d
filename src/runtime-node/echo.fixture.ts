/** A thread for tests, which sends back what it was started with. */
import { parentPort, workerData } from "node:worker_threads";

const answer: { readonly got: unknown } = { got: workerData };
parentPort?.postMessage(answer);
