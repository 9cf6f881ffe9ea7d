/** All hostile inputs. */
import { archives } from "./archives.ts";
import type { Hostile } from "./hostile.ts";
import { images } from "./images.ts";
import { models } from "./models.ts";
import { pickles } from "./pickles.ts";
import { recipes } from "./recipes.ts";
import { specialFiles } from "./special-files.ts";
import { tensorFiles } from "./tensor-files.ts";

export const hostileInputs: readonly Hostile[] = [
  ...pickles,
  ...tensorFiles,
  ...models,
  ...archives,
  ...recipes,
  ...images,
  ...specialFiles,
];
