/**
 * Times graphs on this machine, so that a plan holds for it. Machines differ, and products and
 * convolutions of few channels stay far below the rate of large ones.
 */
import { UserError } from "../errors.ts";
import { type Cost, sizeOf, type TensorType } from "../graph/index.ts";
import { upperMedian } from "../numeric/index.ts";
import { foldIn, key, normal } from "../random/index.ts";
import { compile, type Data, type Device, type Program } from "../runtime/index.ts";
import { type Stopwatch, secondsOf } from "./step-cost.ts";

/** Graphs beyond these take too long, or too much memory, to be tried. */
const MAX_SECONDS = 1.5;
const MAX_BYTES = 1e9;

/** A graph is run this often, or for this long. */
const RUNS = 15;
const SECONDS_A_GRAPH = 0.25;

/**
 * Times each graph by a few runs on numbers without meaning. Where a graph is too large, the work
 * is no graph or the device does not work, the time is an estimate, corrected by what the graphs
 * before it took.
 */
export function timedGraphs(device: Device): Stopwatch {
  let [measured, estimated] = [0, 0];
  return async (cost) => {
    const estimate = secondsOf(cost);
    const isSmall = cost.outputs.length > 0 && estimate <= MAX_SECONDS && cost.peak <= MAX_BYTES;
    const seconds = isSmall ? await timeOf(cost, device) : undefined;
    if (seconds === undefined) return estimated === 0 ? estimate : (estimate * measured) / estimated;
    measured += seconds;
    estimated += estimate;
    return seconds;
  };
}

/**
 * Seconds of a run of a graph: the median of a few, after one that warms up. Undefined where the
 * device does not work here.
 */
async function timeOf({ outputs }: Cost, device: Device): Promise<number | undefined> {
  const named = Object.fromEntries(outputs.map((tensor, i) => [`output${i}`, tensor]));
  const program = await compile(named, device).catch((error: unknown) => {
    if (error instanceof UserError) return undefined;
    throw error;
  });
  if (program === undefined) return undefined;
  try {
    const feeds = feedsOf(program);
    await program.run(feeds);
    const times: number[] = [];
    const end = performance.now() + 1000 * SECONDS_A_GRAPH;
    while (times.length === 0 || (times.length < RUNS && performance.now() < end)) {
      const began = performance.now();
      await program.run(feeds);
      times.push((performance.now() - began) / 1000);
    }
    return upperMedian(times);
  } finally {
    await program.release();
  }
}

/**
 * Numbers for every input of a graph: positive ones, because the state of an optimiser holds
 * squares. Indices are zero, which every table has.
 */
const feedsOf = ({ inputs }: Program): Record<string, Data> =>
  Object.fromEntries([...inputs].map(([name, type]) => [name, dataOf(name, type)]));

function dataOf(name: string, { shape, dtype }: TensorType): Data {
  const size = sizeOf(shape);
  switch (dtype) {
    case "float32":
      return normal(foldIn(key(1), name), size).map((x) => Math.abs(x) / 10);
    case "int32":
      return new Int32Array(size);
    case "int64":
      return new BigInt64Array(size);
    case "bool":
      return new Uint8Array(size);
    default:
      return dtype satisfies never;
  }
}
