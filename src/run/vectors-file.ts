/** Many networks in one file: draws of a baseline, or originals trained a little further, as the rows of one tensor. */
import { readSafetensors, writeSafetensors } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";

/** Flat vectors of the generated tensors, one after the other. */
export interface NetworkFile {
  readonly dimension: number;
  readonly values: Float32Array;
}

const TENSOR = "networks";

/** Writes vectors `[count, dimension]`. */
export async function writeNetworkFile(
  path: string,
  { dimension, values }: NetworkFile,
  metadata: Record<string, string> = {},
): Promise<void> {
  const shape = [values.length / dimension, dimension];
  await writeSafetensors(path, [{ name: TENSOR, shape, data: values }], metadata);
}

/**
 * Reads vectors `[count, dimension]`.
 * @throws UserError `E_CHECKPOINT` when the file is damaged or holds something else.
 */
export async function readNetworkFile(path: string): Promise<NetworkFile> {
  const { tensors, shapes } = await readSafetensors(path);
  const values = tensors.get(TENSOR);
  const dimension = shapes.get(TENSOR)?.[1];
  if (values === undefined || dimension === undefined)
    throw new UserError("E_CHECKPOINT", `${path} holds no networks; remove it, and it is made again`);
  return { dimension, values };
}
