/** Runs a fixed-batch graph over any number of rows. */
import { input, type Tensor } from "../graph/index.ts";
import type { Device } from "./device.ts";
import { compile, type Program } from "./program.ts";

export interface BatchedOptions {
  /** Numbers in a row of the input. */
  readonly from: number;
  /** Numbers in a row of the result. */
  readonly to: number;
  /** Rows of one run. */
  readonly batch: number;
  /**
   * Whether the last batch is filled up with zeros; yes by default. No where the rows of a batch
   * depend on one another.
   */
  readonly filled?: boolean;
  readonly device: Device;
}

/**
 * Runs a graph of rows, `[n, from]` to `[n, to]`, over any number of them. It is compiled when it
 * is first needed.
 */
export function batched(
  graph: (rows: Tensor) => Tensor,
  { from, to, batch, filled = true, device }: BatchedOptions,
): { run(rows: Float32Array): Promise<Float32Array>; release(): Promise<void> } {
  const programs = new Map<number, Program>();
  const program = async (n: number): Promise<Program> => {
    const made = programs.get(n) ?? (await compile({ out: graph(input("in", [n, from])) }, device));
    programs.set(n, made);
    return made;
  };
  return {
    async run(rows) {
      const count = rows.length / from;
      const out = new Float32Array(count * to);
      for (let start = 0; start < count; start += batch) {
        const n = Math.min(batch, count - start);
        const part = new Float32Array((filled ? batch : n) * from);
        part.set(rows.subarray(start * from, (start + n) * from));
        const result = (await (await program(part.length / from)).run({ in: part })).out as Float32Array;
        out.set(result.subarray(0, n * to), start * to);
      }
      return out;
    },
    release: async () => {
      for (const each of programs.values()) await each.release();
    },
  };
}
