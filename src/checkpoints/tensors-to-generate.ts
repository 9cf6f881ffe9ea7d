/** Which tensors of a checkpoint can be generated: a selection among its floating-point tensors. */

import { type Layout, layoutOf, restrict, select, withKinds } from "../layout/index.ts";
import type { StoredTensor } from "./formats/checkpoint-file.ts";
import { DECODERS } from "./formats/dtypes.ts";

/**
 * The layout of the tensors that a selection names, without counters and other integers.
 * @throws UserError `E_CONFIG` as `select` does.
 */
export function tensorsToGenerate(
  tensors: ReadonlyMap<string, StoredTensor>,
  selection: string | readonly string[],
): Layout {
  const floats = [...tensors].filter(([, { dtype, count }]) => DECODERS.has(dtype) && count > 0);
  const whole = layoutOf(withKinds(floats.map(([name, { shape }]) => ({ name, shape }))));
  return restrict(whole, new Set(select(whole, selection).map(({ name }) => name)));
}
