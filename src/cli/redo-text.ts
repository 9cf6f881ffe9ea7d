/** What is done again in a run folder because its recipe has changed. */

import type { Redo } from "../claim/index.ts";
import { changeText } from "../recipe/index.ts";
import { list, type Text } from "./terminal/layout.ts";

/** The keys that changed, the stages that stay, and those that are done again. */
export const redoText = ({ changes, kept, redone }: Redo): Text =>
  list([
    ...changes.map((change, i): [string, string] => [i === 0 ? "changed" : "", changeText(change)]),
    ["kept", kept.length === 0 ? "nothing" : kept.join(", ")],
    ["done again", redone.join(", ")],
  ]);
