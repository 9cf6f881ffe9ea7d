/** Encodes new values of tensors as bytes of a file, after checking them against its tensors. */
import { show } from "../../show.ts";
import type { StoredTensor } from "./checkpoint-file.ts";
import { ENCODERS } from "./dtypes.ts";
import type { Refuse } from "./plain-file.ts";

/**
 * Encodes values in the types of the tensors that they replace.
 * @param refuse refuses the file.
 * @throws UserError `E_CHECKPOINT` when there is no such tensor, or it is of another size, or not
 *   of a floating-point type.
 */
export function encodeFor(
  refuse: Refuse,
  tensors: ReadonlyMap<string, StoredTensor>,
  values: ReadonlyMap<string, Float32Array>,
): Map<string, Uint8Array> {
  const encoded = new Map<string, Uint8Array>();
  for (const [name, data] of values) {
    const fail = (problem: string): never => refuse(problem, "give a checkpoint of the same network");
    const tensor = tensors.get(name) ?? fail(`there is no tensor ${show(name)} to replace`);
    if (data.length !== tensor.count)
      fail(`tensor ${show(name)} has ${tensor.count} values, and is to be replaced by ${data.length}`);
    const encode = ENCODERS.get(tensor.dtype);
    if (encode === undefined) fail(`tensor ${show(name)} is of type ${tensor.dtype}, which cannot be generated`);
    else encoded.set(name, encode(data));
  }
  return encoded;
}
