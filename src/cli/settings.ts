/** Words of a command line that may be files or settings of a recipe. */
import { existsSync } from "node:fs";
import { join } from "node:path";

/** Whether a word is a key=value pair, such as `sample.count=20`, and no file. */
const isSetting = (word: string): boolean => /^[a-zA-Z]\w*(\.\w+)*=/.test(word) && !existsSync(word);

/** Whether a word is the folder of a run. */
export const isRunFolder = (word: string): boolean => existsSync(join(word, "config.yaml"));

/**
 * Takes settings out of lists of words: an option that takes several words takes all up to the next
 * option, settings too.
 * @returns the lists without settings, and the settings in their order.
 */
export function settingsApart<Name extends string>(
  lists: Readonly<Record<Name, readonly string[] | undefined>>,
): { readonly words: Readonly<Record<Name, readonly string[] | undefined>>; readonly settings: readonly string[] } {
  const entries = Object.entries<readonly string[] | undefined>(lists);
  return {
    words: Object.fromEntries(
      entries.map(([name, list]) => [name, list?.filter((word) => !isSetting(word))]),
    ) as Record<Name, readonly string[] | undefined>,
    settings: entries.flatMap(([, list]) => list?.filter(isSetting) ?? []),
  };
}
