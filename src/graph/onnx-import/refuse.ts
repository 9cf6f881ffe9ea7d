/** How a model is refused, and reads from its lists that refuse it when a number is missing. */
import { UserError } from "../../errors.ts";

/**
 * Refuses a model.
 * @param problem a clause whose subject is the model, such as "its node Conv_3 needs x".
 * @throws UserError `E_CHECKPOINT`, always.
 */
export function refuse(problem: string): never {
  throw new UserError("E_CHECKPOINT", `${problem}; export the model again, or give another one`);
}

/**
 * Element `index` of a list that a model gives.
 * @throws UserError `E_CHECKPOINT` when the list is shorter.
 */
export function elementAt<T>(list: ArrayLike<T>, index: number): T {
  return list[index] ?? refuse(`it gives ${list.length} values where element ${index + 1} is needed`);
}
