/** What fits into memory in any machine. */
import { UserError } from "../errors.ts";
import { countOf, type Parameter } from "../nn/index.ts";

/** The numbers of the largest array: as float32 they fill 4 GiB, the largest buffer of Node 20. */
export const MAX_NUMBERS = 2 ** 30;

/**
 * Makes sure that an array fits into memory.
 * @throws UserError `E_CONFIG` with the problem and the advice where it does not.
 */
export function requireFits(numbers: number, problem: string, advice: string): void {
  if (numbers > MAX_NUMBERS)
    throw new UserError("E_CONFIG", `${problem} (at most ${MAX_NUMBERS} numbers fit); ${advice}`);
}

/** Makes sure that the parameters of a network fit into memory, as `requireFits`. */
export function requireParametersFit(parameters: readonly Parameter[], advice: string): void {
  const count = countOf(parameters);
  requireFits(count, `it would have ${count} parameters`, advice);
}

/**
 * Makes sure that a latent is no wider than what it stands for.
 * @throws UserError `E_CONFIG` where it is.
 */
export function requireNarrow(latent: number, dimension: number): void {
  if (latent > dimension)
    throw new UserError(
      "E_CONFIG",
      `a latent of ${latent} numbers is wider than the ${dimension} generated parameters; lower autoencoder.latent`,
    );
}

/** Makes sure that the stages of an encoder shorten a sequence to a length that fits in memory. */
export function requireStages(stages: number, stride: number): void {
  const factor = stride ** stages;
  requireFits(factor, `${stages} stages of stride ${stride} need ${factor} numbers`, "use fewer or a smaller stride");
}
