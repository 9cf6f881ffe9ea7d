/** How a model is refused. */
import { UserError } from "../../errors.ts";

/** Refuses a model: the problem is a clause such as "its node Conv_3 needs x, which nothing makes". */
export function refuse(problem: string): never {
  throw new UserError("E_CHECKPOINT", `${problem}; export the model again, or give another one`);
}
