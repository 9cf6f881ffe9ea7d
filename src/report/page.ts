/**
 * The page: one HTML file that needs nothing else, follows the reader's choice of light or dark,
 * and prints. A section is there where there is something to show in it.
 */
import { yieldToEvents } from "../event-loop.ts";
import { documentOf, figureHtml, pairs, panelsHtml, paragraphs, section, verdictHtml } from "./document.ts";
import type { Figure } from "./figures/figure.ts";
import { escapeHtml } from "./html.ts";
import { classifiersOf, type ReportInput } from "./input.ts";
import { choiceHtml, evidenceHtml, findingsHtml, groupsHtml, resultsHtml } from "./tables.ts";
import { costText } from "./text/cost.ts";
import { coverage } from "./text/coverage.ts";
import { duration } from "./text/number-format.ts";
import { summary } from "./text/summary.ts";

export interface PageFigures {
  /** Samples beside originals and baselines. */
  readonly comparison: readonly Figure[];
  /** Where samples lie, how they come about, and how good they are together. */
  readonly closer: readonly Figure[];
  /** The accuracy of single networks. */
  readonly accuracy: readonly Figure[];
  /** Curves of the training, shown side by side. */
  readonly training: readonly Figure[];
}

/** Failures that are listed. */
const MAX_FAILURES = 20;

/**
 * The document. All texts of the input are escaped.
 * @throws Interrupted when the signal aborts.
 */
export async function page(
  input: ReportInput,
  { comparison, closer, accuracy, training }: PageFigures,
  signal?: AbortSignal,
): Promise<string> {
  const { title, audit } = input;
  const [first = "", ...others] = summary(input);
  const classifiers = classifiersOf(input);
  let shown = 0;
  const number = () => {
    shown++;
    return `Figure ${shown}. `;
  };
  const figures = async (list: readonly Figure[]) => {
    const drawn: string[] = [];
    for (const figure of list) {
      await yieldToEvents(signal);
      drawn.push(figureHtml(figure, number()));
    }
    return drawn;
  };
  return documentOf(title, [
    verdictHtml(audit, first),
    section("Evidence", ...evidenceHtml(audit)),
    section("All networks", audit.groups.length === 0 ? "" : groupsHtml(input)),
    section("New or not", ...(await figures(comparison))),
    section("A closer look", ...(await figures(closer))),
    section("Cost", ...costHtml(input)),
    section(
      "Details",
      paragraphs(others),
      classifiers === undefined ? "" : resultsHtml(classifiers),
      ...(await figures(accuracy)),
      choiceHtml(audit),
      training.length === 0 ? "" : panelsHtml(training, number()),
    ),
    section("Findings", findingsHtml(input)),
    section("Networks that failed", ...failuresHtml(input)),
    section("What the audit covers, and what it does not", paragraphs(coverage(audit))),
    section("The run", ...runHtml(input)),
  ]);
}

function costHtml({ audit: { cost } }: ReportInput): string[] {
  if (cost === null) return [];
  const { rows, words } = costText(cost);
  return [paragraphs([words]), pairs(rows, "run cost")];
}

/** The networks that the metric failed on, and why. */
function failuresHtml({ audit: { failures } }: ReportInput): string[] {
  if (failures.length === 0) return [];
  const listed = failures
    .slice(0, MAX_FAILURES)
    .map(({ group, network, problem }) => [`${group} ${network}`, problem] as const);
  const left = failures.length - listed.length;
  return [pairs(listed), left > 0 ? paragraphs([`And ${left} more.`]) : ""];
}

function runHtml({ results, provenance, recipe }: ReportInput): string[] {
  const stages = Object.entries(results.seconds);
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  const times = stages.map(([stage, seconds]) => [stage, duration(seconds)] as const);
  return [
    ...(times.length === 0 ? [] : ["<h3>Time</h3>", pairs([...times, ["in all", duration(total)]])]),
    ...(provenance.length === 0 ? [] : ["<h3>Provenance</h3>", pairs(provenance)]),
    "<h3>Recipe</h3>",
    `<pre>${escapeHtml(recipe.trim())}</pre>`,
  ];
}
