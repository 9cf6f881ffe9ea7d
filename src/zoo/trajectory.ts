/**
 * Whether checkpoints look like snapshots of one training in their order. The checkpoints of a
 * training lie on a path: each is much nearer to the next one than to one far along the path. Those
 * of separate trainings are all equally far apart.
 */
import type { CheckpointReader } from "../checkpoints/index.ts";
import { squaredDistance, upperMedian } from "../numeric/index.ts";

/** Checkpoints in the order of their names. */
export interface CheckpointSequence {
  /** How many there are. */
  readonly count: number;
  /** Length of each as a flat vector. */
  readonly size: number;
  /** Opens a checkpoint, from 0, as a flat vector; it is closed before the next one is opened. */
  open(index: number): Promise<CheckpointReader>;
}

/** Windows of coordinates that are compared, evenly spaced, and their length. */
const WINDOWS = 32;
const WINDOW = 512;

/** Checkpoints that are compared, from the first one on. */
const MAX_CHECKPOINTS = 200;

/** Fewer are too few to tell. */
const MIN_CHECKPOINTS = 4;

/**
 * The checkpoints of one training are nearer to the next than this share of what two far along the
 * path lie apart.
 */
const NEAR = 0.6;

/**
 * Whether checkpoints look like snapshots of one training: whether the median distance of two that
 * follow one another is below 0.6 of the median distance of two that are half the sequence apart.
 * The answer for fewer than 4 checkpoints is no.
 */
export async function looksLikeTrajectory(checkpoints: CheckpointSequence): Promise<boolean> {
  const n = Math.min(checkpoints.count, MAX_CHECKPOINTS);
  if (n < MIN_CHECKPOINTS) return false;
  const parts: Float32Array[] = [];
  for (let i = 0; i < n; i++) {
    const reader = await checkpoints.open(i);
    try {
      parts.push(await readWindows(reader, checkpoints.size));
    } finally {
      await reader.close();
    }
  }
  const distances = (lag: number, pairs: number) =>
    parts.slice(0, pairs).map((part, i) => Math.sqrt(squaredDistance(part, parts[(i + lag) % n] ?? part)));
  return upperMedian(distances(1, n - 1)) < NEAR * upperMedian(distances(Math.floor(n / 2), n));
}

/** Evenly spaced windows of a vector; the whole vector where it is short. */
async function readWindows(reader: CheckpointReader, size: number): Promise<Float32Array> {
  if (size <= WINDOWS * WINDOW) {
    const whole = new Float32Array(size);
    await reader.read(0, size, whole);
    return whole;
  }
  const part = new Float32Array(WINDOWS * WINDOW);
  for (let w = 0; w < WINDOWS; w++) {
    const start = Math.floor((w * (size - WINDOW)) / (WINDOWS - 1));
    await reader.read(start, start + WINDOW, part.subarray(w * WINDOW, (w + 1) * WINDOW));
  }
  return part;
}
