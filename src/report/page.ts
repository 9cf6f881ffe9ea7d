/**
 * The page: one HTML file that needs nothing else, follows the reader's choice of light or dark,
 * and prints. A section is there where there is something to show in it.
 */
import { yieldToEvents } from "../event-loop.ts";
import { decidingOf } from "./deciding.ts";
import {
  copied,
  documentOf,
  figureHtml,
  figureLink,
  folded,
  PANELS,
  type Part,
  pairs,
  panelsHtml,
  paragraphs,
  section,
  tilesHtml,
  verdictHtml,
} from "./document.ts";
import type { Figure } from "./figures/figure.ts";
import { slug } from "./html.ts";
import { classifiersOf, type ReportInput } from "./input.ts";
import { choiceHtml, evidenceHtml, findingsHtml, groupsHtml, resultsHtml } from "./tables.ts";
import { costText } from "./text/cost.ts";
import { coverage } from "./text/coverage.ts";
import { keyNumbers } from "./text/key-numbers.ts";
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
  const deciding = decidingOf(audit.verdict.name);
  const all = [...comparison, ...closer, ...accuracy];
  const top = deciding.figures.flatMap((name) => all.find((figure) => figure.name === name) ?? [])[0];
  const rest = (list: readonly Figure[]) => list.filter((figure) => figure !== top);
  const order = [...(top === undefined ? [] : [top]), ...rest(all)];
  const numbers = new Map(order.map(({ name }, i) => [name, i + 1]));
  if (training.length > 0) numbers.set(PANELS, order.length + 1);
  const link = (name: string) => {
    const number = numbers.get(name);
    return number === undefined ? "" : figureLink(name, number);
  };
  const figures = async (list: readonly Figure[]) => {
    const drawn: Part[] = [];
    for (const figure of list) {
      await yieldToEvents(signal);
      drawn.push(figureHtml(figure, numbers.get(figure.name) ?? 0));
    }
    return drawn;
  };
  const above = (list: readonly Figure[]) =>
    top !== undefined && list.includes(top) ? `<p class="note">Above: ${link(top.name)}.</p>` : "";
  const evidence = section("evidence", "Evidence", ...evidenceHtml(input));
  const findings = section("findings", "Findings", findingsHtml(input, link));
  const tables = new Set([...evidence.entries, findings].map(({ id }) => id));
  const key = keyNumbers(input, deciding.number);
  const sources = key.map(
    ({ source = "" }) => link(source) || (tables.has(source) ? `<a href="#${source}">table</a>` : ""),
  );
  const deciders = await figures(top === undefined ? [] : [top]);
  return documentOf(title, verdictHtml(audit, first, tilesHtml(key, sources), ...deciders.map(({ html }) => html)), [
    evidence,
    section("all-networks", "All networks", audit.groups.length === 0 ? "" : groupsHtml(input)),
    section("new-or-not", "New or not", above(comparison), ...(await figures(rest(comparison)))),
    section("closer-look", "A closer look", above(closer), ...(await figures(rest(closer)))),
    section("cost", "Cost", ...costHtml(input)),
    section(
      "details",
      "Details",
      paragraphs(others),
      classifiers === undefined ? "" : resultsHtml(classifiers),
      above(accuracy),
      ...(await figures(rest(accuracy))),
      choiceHtml(input),
      training.length === 0 ? "" : panelsHtml(training, numbers.get(PANELS) ?? 0),
    ),
    findings,
    section("failures", "Networks that failed", ...failuresHtml(input)),
    section("coverage", "What the audit covers, and what it does not", paragraphs(coverage(audit))),
    section("run", "The run", ...runHtml(input)),
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

function runHtml({ title, results, provenance, recipe }: ReportInput): string[] {
  const stages = Object.entries(results.seconds);
  const total = stages.reduce((sum, [, seconds]) => sum + seconds, 0);
  const times = stages.map(([stage, seconds]) => [stage, duration(seconds)] as const);
  const file = `${slug(title) || "recipe"}.yaml`;
  return [
    ...(times.length === 0 ? [] : ["<h3>Time</h3>", pairs([...times, ["in all", duration(total)]])]),
    ...(provenance.length === 0 ? [] : ["<h3>Provenance</h3>", pairs(provenance)]),
    "<h3>Repeat the run</h3>",
    paragraphs([`Save the recipe as ${file}, put folders in front of files of yours that it names, and run it:`]),
    copied("command", `npx neural-network-diffusion run ${file}`),
    folded("The recipe, with all defaults", copied("recipe", `${recipe.trim()}\n`)),
  ];
}
