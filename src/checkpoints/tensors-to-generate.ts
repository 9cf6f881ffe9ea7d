/** Which tensors of a checkpoint can be generated: a selection among those of numbers with a fraction. */
import type { StoredTensor } from "./formats/checkpoint-file.ts";
import { DECODERS } from "./formats/dtypes.ts";
import { type Layout, layoutOf, restrict } from "./layout.ts";
import { select } from "./selection.ts";
import { withKinds } from "./tensor-kinds.ts";

/**
 * The layout of the tensors that a selection names. Counters and other whole numbers are never among them.
 * @throws UserError `E_CONFIG` as `select`.
 */
export function tensorsToGenerate(
  tensors: ReadonlyMap<string, StoredTensor>,
  selection: string | readonly string[],
): Layout {
  const floats = [...tensors].filter(([, { dtype, count }]) => DECODERS.has(dtype) && count > 0);
  const whole = layoutOf(withKinds(floats.map(([name, { shape }]) => ({ name, shape }))));
  return restrict(whole, new Set(select(whole, selection).map(({ name }) => name)));
}
