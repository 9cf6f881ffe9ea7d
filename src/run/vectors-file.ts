/**
 * Many networks in one file, as the rows of one tensor: draws of a baseline, or originals trained a
 * little further.
 */
import { readSafetensors, writeSafetensors } from "../checkpoints/index.ts";
import { UserError } from "../errors.ts";
import { type MemoryMatrix, matrix } from "../numeric/index.ts";

const TENSOR = "networks";

/** Writes networks, each a row of generated numbers. Atomic. */
export async function writeNetworkFile(
  path: string,
  { rows, columns, values }: MemoryMatrix,
  metadata: Record<string, string> = {},
): Promise<void> {
  await writeSafetensors(path, [{ name: TENSOR, shape: [rows, columns], data: values }], metadata);
}

/**
 * Reads networks that `writeNetworkFile` wrote.
 * @throws UserError `E_CHECKPOINT` when the file is missing, damaged or holds something else.
 */
export async function readNetworkFile(path: string): Promise<MemoryMatrix> {
  const { tensors, shapes } = await readSafetensors(path);
  const values = tensors.get(TENSOR);
  const columns = shapes.get(TENSOR)?.[1];
  if (values === undefined || columns === undefined || columns === 0)
    throw new UserError("E_CHECKPOINT", `${path} holds no networks; remove it, and it is made again`);
  return matrix(values, columns);
}
