/**
 * The words that the project does not use, each with what to write instead. The terms are those
 * that the literature, PyTorch and Node use, so that a reader can search for them.
 */

export interface Term {
  /** A word or phrase in lower case. It is also found inside names: `rivalDraws`, `RIVALS`. */
  readonly avoid: string;
  readonly instead: string;
}

export const terms: readonly Term[] = [
  { avoid: "rival", instead: "baseline" },
  { avoid: "rivals", instead: "baselines" },
  { avoid: "told", instead: "reported, stated or given" },
  { avoid: "tell of", instead: "describe" },
  { avoid: "tells of", instead: "describes" },
  { avoid: "books", instead: "journal" },
  { avoid: "so many", instead: "the count, by its name" },
  { avoid: "but once", instead: "only once" },
  { avoid: "anew", instead: "again" },
  { avoid: "one's own", instead: "your own" },
  { avoid: "judge", instead: "predict or evaluate" },
  { avoid: "judges", instead: "predicts or evaluates" },
  { avoid: "judged", instead: "evaluated" },
  { avoid: "judging", instead: "predicting or evaluating" },
  { avoid: "values at points", instead: "Winograd/Toom–Cook transform" },
  { avoid: "take away", instead: "export" },
  { avoid: "taken away", instead: "exported" },
];

/** Beginnings of constants' names that have a usual form. */
export const prefixes: readonly Term[] = [
  { avoid: "MOST_", instead: "MAX_" },
  { avoid: "FEWEST_", instead: "MIN_" },
  { avoid: "LEAST_", instead: "MIN_" },
];

export interface Exception {
  /** The path of a file, or of a folder with a slash at its end. */
  readonly path: string;
  /** The words that it may use; all where left out. */
  readonly words?: readonly string[];
  readonly reason: string;
}

export const exceptions: readonly Exception[] = [
  { path: "test/prose/", reason: "this check" },
  { path: "test/compare/", words: ["rival", "rivals"], reason: "maps old names to new ones" },
  { path: "src/stages/audit/baselines.ts", words: ["rival"], reason: "a key of random numbers" },
  { path: "test/fixtures/", reason: "written by other programs" },
];
