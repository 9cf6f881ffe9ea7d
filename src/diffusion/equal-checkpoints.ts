/** Equal checkpoints, such as a learning rate of almost zero makes, teach nothing. */
import { UserError } from "../errors.ts";

/** The error of a fit to equal checkpoints. */
export const equalCheckpoints = (): UserError =>
  new UserError(
    "E_RUN",
    "all checkpoints of the zoo are equal: there is nothing to learn; collect them with a higher learning rate (zoo.lr) or further apart (zoo.every=epoch), in another folder",
  );

/**
 * Makes sure that vectors `[K, dimension]` differ.
 * @throws UserError `E_RUN` where all are equal.
 */
export function requireDifferent(vectors: Float32Array, dimension: number): void {
  for (let i = dimension; i < vectors.length; i++) if (vectors[i] !== vectors[i % dimension]) return;
  throw equalCheckpoints();
}
