/** The assignment problem (Kuhn 1955), solved by shortest augmenting paths in cubic time. */
import { yieldToEvents } from "../event-loop.ts";

/** Costs compared, in about a hundredth of a second, before the event loop may have a turn. */
const COSTS = 2 ** 23;

/**
 * Assigns each row a different column at the least total cost.
 * @param cost `[size, size]`, finite.
 * @returns the least total cost, and the column of each row.
 * @throws Interrupted when the signal aborts.
 */
export async function assignment(
  cost: ArrayLike<number>,
  size: number,
  signal?: AbortSignal,
): Promise<{ total: number; columns: Int32Array }> {
  // Row and column 0 stand for none; potentials keep reduced costs from being negative.
  const [rowPotential, columnPotential] = [new Float64Array(size + 1), new Float64Array(size + 1)];
  const rowOf = new Int32Array(size + 1);
  const from = new Int32Array(size + 1);
  const least = new Float64Array(size + 1);
  const seen = new Uint8Array(size + 1);
  // A row is compared with at most all rows before it.
  const rowsATurn = Math.ceil(COSTS / size ** 2);
  for (let row = 1; row <= size; row++) {
    if (row % rowsATurn === 0) await yieldToEvents(signal);
    rowOf[0] = row;
    least.fill(Number.POSITIVE_INFINITY);
    seen.fill(0);
    let column = 0;
    do {
      seen[column] = 1;
      const current = rowOf[column]!;
      let [delta, next] = [Number.POSITIVE_INFINITY, 0];
      for (let j = 1; j <= size; j++) {
        if (seen[j]) continue;
        const reduced = cost[(current - 1) * size + j - 1]! - rowPotential[current]! - columnPotential[j]!;
        if (reduced < least[j]!) {
          least[j] = reduced;
          from[j] = column;
        }
        if (least[j]! < delta) [delta, next] = [least[j]!, j];
      }
      for (let j = 0; j <= size; j++) {
        if (seen[j]) {
          rowPotential[rowOf[j]!]! += delta;
          columnPotential[j]! -= delta;
        } else least[j]! -= delta;
      }
      column = next;
    } while (rowOf[column] !== 0);
    for (; column !== 0; column = from[column]!) rowOf[column] = rowOf[from[column]!]!;
  }
  const columns = new Int32Array(size);
  for (let j = 1; j <= size; j++) columns[rowOf[j]! - 1] = j - 1;
  let total = 0;
  columns.forEach((j, i) => {
    total += cost[i * size + j]!;
  });
  return { total, columns };
}
