/** The table of accuracies, for the page and the terminal. */
import {
  type Classification,
  type ClassifierGroup,
  type ClassifierGroupName,
  classifierGroupNames,
} from "../../records/index.ts";
import type { Images } from "../input.ts";
import { decimal, percentDigits, percents, whole } from "./number-format.ts";

const TITLES: Readonly<Record<ClassifierGroupName, string>> = {
  originals: "originals",
  ensemble: "ensemble (average of weights)",
  reconstructions: "reconstructions",
  samples: "samples",
};

const COLUMNS = [
  "test accuracy, %",
  "networks",
  "mean\u00a0±\u00a0sd",
  "median",
  "best by selection",
  "best by test (paper)",
  "selection mean",
] as const;

interface NamedGroup {
  readonly name: ClassifierGroupName;
  readonly group: ClassifierGroup;
}

export interface ResultsRow {
  readonly name: ClassifierGroupName;
  /** One for each column; the first is the title of the group. */
  readonly cells: readonly string[];
}

/**
 * The accuracies of a run in percent: headings, and a row for each group of networks, with as many
 * decimals as the images of their split allow (two where their number is not known).
 *
 * There are two bests. "Best by selection" is the test accuracy of the network that is best on the
 * selection split. "Best by test" is the paper's: the greatest test accuracy of the group, chosen
 * on the images that it is measured on.
 */
export function resultsTable(
  classification: Classification,
  images: Images | null = null,
): {
  readonly columns: readonly string[];
  readonly rows: readonly ResultsRow[];
} {
  const groups: NamedGroup[] = classifierGroupNames.flatMap((name) => {
    const group = classification[name];
    return group === null ? [] : [{ name, group }];
  });
  const digits = percentDigits(images?.test ?? Number.NaN);
  const percentages = (value: (group: ClassifierGroup) => number, decimals = digits) =>
    percents(
      groups.map(({ group }) => value(group)),
      decimals,
    );
  const columns = [
    groups.map(({ name }) => TITLES[name]),
    groups.map(({ group }) => whole(group.count)),
    meansWithSpread(
      groups.map(({ group }) => group),
      digits,
    ),
    percentages((group) => group.test.median),
    percentages((group) => group.chosenTest),
    percentages((group) => group.test.best),
    percentages((group) => group.selection.mean, percentDigits(images?.selection ?? Number.NaN)),
  ];
  return {
    columns: COLUMNS,
    rows: groups.map(({ name }, i) => ({ name, cells: columns.map((cells) => cells[i] ?? "") })),
  };
}

/** `97.31 ± 0.24`; the mean alone where there is only one network. */
function meansWithSpread(groups: readonly ClassifierGroup[], digits: number): string[] {
  const means = percents(
    groups.map((group) => group.test.mean),
    digits,
  );
  return groups.map(({ count, test }, i) => {
    const mean = means[i] ?? "";
    return count > 1 && Number.isFinite(test.sd) ? `${mean} ± ${decimal(100 * test.sd, digits)}` : mean;
  });
}
