/** Encodes new values of tensors as bytes of a file, after checking them against its tensors. */
import { UserError } from "../../errors.ts";
import { show } from "../../show.ts";
import type { StoredTensor } from "./checkpoint-file.ts";
import { ENCODERS } from "./dtypes.ts";

/**
 * Encodes values in the types of the tensors that they replace.
 * @param path of the file, for messages.
 * @throws UserError `E_CHECKPOINT` when there is no such tensor, or it is of another size, or not
 *   of a floating-point type.
 */
export function encodeFor(
  path: string,
  tensors: ReadonlyMap<string, StoredTensor>,
  values: ReadonlyMap<string, Float32Array>,
): Map<string, Uint8Array> {
  const encoded = new Map<string, Uint8Array>();
  for (const [name, data] of values) {
    const refuse = (problem: string): never => {
      throw new UserError("E_CHECKPOINT", `${path}: ${problem}; give a checkpoint of the same network`);
    };
    const tensor = tensors.get(name) ?? refuse(`there is no tensor ${show(name)} to replace`);
    if (data.length !== tensor.count)
      refuse(`tensor ${show(name)} has ${tensor.count} values, and is to be replaced by ${data.length}`);
    const encode = ENCODERS.get(tensor.dtype);
    if (encode === undefined) refuse(`tensor ${show(name)} is of type ${tensor.dtype}, which cannot be generated`);
    else encoded.set(name, encode(data));
  }
  return encoded;
}
