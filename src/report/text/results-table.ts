/** The table of results, for the page and the terminal alike. */

import type { Group, GroupName, Results } from "../results.ts";
import { decimal, percents, whole } from "./number-format.ts";

/** The rows' names, in the order of the table. */
const rowNames: Readonly<Record<GroupName, string>> = {
  originals: "originals",
  ensemble: "ensemble (average of weights)",
  reconstructions: "reconstructions",
  samples: "samples",
};

/** The groups that there are, in the order of the table. */
export function groupRows(results: Results): { readonly name: GroupName; readonly group: Group }[] {
  return (Object.keys(rowNames) as GroupName[]).flatMap((name) => {
    const group = results[name];
    return group === null ? [] : [{ name, group }];
  });
}

/**
 * The accuracies of a run in percent: a header, then one row for each group of networks. All cells of a column have the
 * same number of digits: two, or three where different values would read the same.
 *
 * There are two bests. The honest one is the test accuracy of the network that is best on the selection split; the
 * paper's is the greatest test accuracy of the group, which is chosen on the very images it is measured on.
 */
export function resultsTable(results: Results): readonly (readonly string[])[] {
  const rows = groupRows(results);
  const column = (value: (group: Group) => number) => percents(rows.map(({ group }) => value(group)));
  const median = column((group) => group.test.median);
  const chosen = column((group) => group.chosenTest);
  const best = column((group) => group.test.best);
  const selection = column((group) => group.selection.mean);
  const mean = meansWithSpread(rows.map(({ group }) => group));
  return [
    [
      "test accuracy, %",
      "networks",
      "mean\u00a0±\u00a0sd",
      "median",
      "best by selection",
      "best by test (paper)",
      "selection mean",
    ],
    ...rows.map(({ name, group }, i) => [
      rowNames[name],
      whole(group.count),
      mean[i]!,
      median[i]!,
      chosen[i]!,
      best[i]!,
      selection[i]!,
    ]),
  ];
}

/** `97.31 ± 0.24`; the mean alone where there is only one network. */
function meansWithSpread(groups: readonly Group[]): string[] {
  const means = percents(groups.map((group) => group.test.mean));
  const digits = means.find((text) => text.includes("."))?.split(".")[1]?.length ?? 2;
  return groups.map(({ count, test }, i) =>
    count > 1 && Number.isFinite(test.sd) ? `${means[i]} ± ${decimal(100 * test.sd, digits)}` : means[i]!,
  );
}
