/**
 * The nearest hidden unit of other networks to each hidden unit of a network: what a network would
 * be put together from, if it were a collage.
 */
import { yieldToEvents } from "../event-loop.ts";
import { gemm, input, mul, reduceMax, reshape } from "../graph/index.ts";
import { at } from "../lookup.ts";
import type { MemoryMatrix } from "../numeric/index.ts";
import { compile, type Device } from "../runtime/index.ts";
import type { HiddenUnits } from "./hidden-units.ts";
import { squaredBetween, type UnitRows, unitRows } from "./unit-distance.ts";

/** The nearest units of other networks. */
export interface NearestUnits {
  /** Hidden units of a network. */
  readonly units: number;
  /** Distance of each unit, `[n × units]`; infinite for one that is not finite. */
  readonly distance: Float64Array;
  /** Which network has that unit, `[n × units]`; −1 for a unit that is not finite. */
  readonly donor: Int32Array;
}

/** Units, and units of other networks, that are multiplied at a time. */
const OURS = 256;
const THEIRS = 4096;

/** The greatest product is looked for in cells of units, and then in one cell: units of a cell. */
const CELL = 64;

/**
 * The nearest unit of the same layer for each hidden unit: its weights in and out, its bias and its
 * normalisation. Between two hidden layers, weights are compared in the order that the units of the
 * other layer have.
 * @param networks balanced networks in one common order: `from` `[n, D]`, and `to` `[K, D]` among
 *   whose units the nearest are looked for.
 * @throws Interrupted when the signal aborts.
 */
export async function nearestUnits(
  { from, to, units }: { readonly from: MemoryMatrix; readonly to: MemoryMatrix; readonly units: HiddenUnits },
  device: Device,
  signal?: AbortSignal,
): Promise<NearestUnits> {
  const counts = units.slice(0, -1).map(({ outputs }) => outputs);
  const total = counts.reduce((a, b) => a + b, 0);
  const distance = new Float64Array(from.rows * total).fill(Number.POSITIVE_INFINITY);
  const donor = new Int32Array(from.rows * total).fill(-1);
  let first = 0;
  for (const [l, count] of counts.entries()) {
    const [ours, theirs] = [await unitRows(from, units, l, signal), await unitRows(to, units, l, signal)];
    const nearest = await nearestRows(ours, theirs, device, signal);
    nearest.forEach((k, own) => {
      if (k < 0) return;
      const place = Math.floor(own / count) * total + first + (own % count);
      distance[place] = Math.sqrt(squaredBetween(ours, own, theirs, k));
      donor[place] = Math.floor(k / count);
    });
    first += at(counts, l);
  }
  return { units: total, distance, donor };
}

/**
 * Which row of `theirs` is nearest to each row of `ours`: the one with the greatest 2 a·b − |b|².
 * @returns its place, −1 for a row that is not finite.
 */
async function nearestRows(
  ours: UnitRows,
  theirs: UnitRows,
  device: Device,
  signal: AbortSignal | undefined,
): Promise<Int32Array> {
  const { width } = ours;
  const [n, m] = [ours.lengths.length, theirs.lengths.length];
  const [rows, cells] = [Math.min(OURS, n), Math.ceil(Math.min(THEIRS, m) / CELL)];
  const columns = cells * CELL;
  const [a, b, bias] = [input("a", [rows, width]), input("b", [columns, width]), input("lengths", [columns])];
  const near = reshape(gemm(mul(a, 2), b, { transB: true, bias }), [rows, cells, CELL]);
  const program = await compile({ greatest: reduceMax(near, { axes: [2] }) }, device);
  const feeds = {
    a: new Float32Array(rows * width),
    b: new Float32Array(columns * width),
    lengths: new Float32Array(columns),
  };
  const out = { greatest: new Float32Array(rows * cells) };
  const greatest = new Float64Array(n).fill(Number.NEGATIVE_INFINITY);
  const cellOf = new Int32Array(n).fill(-1);
  try {
    for (let start = 0; start < m; start += columns) {
      const count = Math.min(columns, m - start);
      feeds.b.set(theirs.rows.subarray(start * width, (start + count) * width));
      for (let k = 0; k < columns; k++) {
        const length = k < count ? theirs.lengths[start + k]! : Number.NaN;
        // What is no unit, or not finite, is near to none.
        feeds.lengths[k] = Number.isFinite(length) ? -length : Number.NEGATIVE_INFINITY;
        if (!Number.isFinite(length)) feeds.b.fill(0, k * width, (k + 1) * width);
      }
      for (let i = 0; i < n; i += rows) {
        await yieldToEvents(signal);
        const own = Math.min(rows, n - i);
        feeds.a.set(ours.rows.subarray(i * width, (i + own) * width));
        await program.run(feeds, out);
        for (let r = 0; r < own; r++) {
          for (let c = 0; c < cells; c++) {
            const value = out.greatest[r * cells + c]!;
            if (value > greatest[i + r]!) [greatest[i + r], cellOf[i + r]] = [value, start + c * CELL];
          }
        }
      }
    }
  } finally {
    await program.release();
  }
  return cellOf.map((cell, own) => {
    let [least, nearest] = [Number.POSITIVE_INFINITY, -1];
    for (let k = cell; cell >= 0 && k < Math.min(m, cell + CELL); k++) {
      const squared = squaredBetween(ours, own, theirs, k);
      if (squared < least) [least, nearest] = [squared, k];
    }
    return nearest;
  });
}
