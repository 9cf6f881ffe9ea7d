/** The page of a run whose networks are worth one number each, or of which nothing but parameters is known. */

import { documentOf, figureHtml, pairs, panelsHtml, paragraphs, section, verdictHtml } from "./document.ts";
import { plotting } from "./drawing/plot.ts";
import { paperTheme } from "./drawing/theme.ts";
import { curveFigure } from "./figures/curve.ts";
import { metricDistanceFigure } from "./figures/metric-distance.ts";
import { nearestDistanceFigure } from "./figures/nearest-distance.ts";
import { escapeHtml } from "./html.ts";
import type { MeasuredAudit, MeasuredReportInput } from "./metric-audit.ts";
import type { Report } from "./report.ts";
import { csv } from "./text/csv.ts";
import { compact, counted, decimal, duration, percent, whole } from "./text/number-format.ts";

/** Width of a standalone figure in pixels. */
const STANDALONE = { figure: 824, curve: 480 };

/** Failures that are listed. */
const MAX_LISTED = 20;

/** Turns what the audit found into a page and its figures. The same input gives the same bytes. */
export async function renderMeasuredReport(input: MeasuredReportInput): Promise<Report> {
  const plot = await plotting();
  const { audit } = input;
  const large = [metricDistanceFigure(plot, audit), nearestDistanceFigure(plot, { audit })].filter(
    (f) => f !== undefined,
  );
  const training = input.curves
    .map((curve, i) =>
      curveFigure(plot, curve, `curve-${i + 1}-${curve.name.toLowerCase().replace(/[^a-z0-9]+/g, "-")}`),
    )
    .filter((f) => f !== undefined);
  const numbers = large.map((_, i) => `Figure ${i + 1}. `);
  const html = documentOf(input.title, [
    verdictHtml(audit, summaryOf(audit)),
    section("All networks", tableHtml(audit)),
    ...(large.length === 0
      ? []
      : [section("New or not", ...large.map((figure, i) => figureHtml(figure, numbers[i]!)))]),
    section("Findings", findingsHtml(audit)),
    ...(audit.failures.length === 0 ? [] : [section("Not measured", failuresHtml(audit))]),
    ...(training.length === 0 ? [] : [section("Training", panelsHtml(training, `Figure ${large.length + 1}. `))]),
    section("What the audit covers, and what it does not", paragraphs(coverageOf(audit))),
    section("The run", ...runHtml(input)),
  ]);
  return {
    html,
    figures: Object.fromEntries(
      [
        ...large.map((f) => [f, STANDALONE.figure] as const),
        ...training.map((f) => [f, STANDALONE.curve] as const),
      ].map(([{ name, draw }, width]) => [name, draw({ width, theme: paperTheme })]),
    ),
    tables: Object.fromEntries([...large, ...training].map(({ name, data }) => [name, csv(data)])),
  };
}

/** Columns of the table of groups, beside their names. */
export const measuredColumns = (audit: MeasuredAudit): string[] => [
  "networks",
  ...(audit.metric === null ? [] : [`${audit.metric.name}, mean`, "best", "not measured"]),
  "nearest original",
];

/** The table of groups: name and cells of each. */
export function measuredRows(audit: MeasuredAudit): { name: string; family: string; cells: string[] }[] {
  return audit.groups.map(({ name, family, count, failed, metric, distance }) => ({
    ...{ name, family },
    cells: [
      whole(count),
      ...(audit.metric === null
        ? []
        : metric === null
          ? ["–", "–", whole(failed)]
          : [
              `${compact(metric.mean.value)} [${compact(metric.mean.low)}, ${compact(metric.mean.high)}]`,
              compact(metric.best),
              whole(failed),
            ]),
      decimal(distance.median),
    ],
  }));
}

function tableHtml(audit: MeasuredAudit): string {
  const head = ["", ...measuredColumns(audit)].map((name) => `<th scope="col">${escapeHtml(name)}</th>`).join("");
  const body = measuredRows(audit).map(({ name, family, cells }) => {
    const data = cells.map((cell) => `<td>${escapeHtml(cell)}</td>`).join("");
    return `<tr class="${escapeHtml(family)}"><th scope="row">${escapeHtml(name)}</th>${data}</tr>`;
  });
  const shuffled = audit.groups.some(({ name }) => name === "shuffled")
    ? " <em>Shuffled</em>: originals whose generated numbers are shuffled within each tensor, the place of guessing."
    : "";
  return `<div class="scroll" role="region" aria-label="All networks" tabindex="0">
<table class="audit">
<thead><tr>${head}</tr></thead>
<tbody>
${body.join("\n")}
</tbody>
</table>
</div>
<p class="note"><em>Nearest original</em>: median distance, with every tensor in units of its spread, where 1 is the median held-out network’s.${shuffled}</p>`;
}

/** What the samples are worth, in a sentence. */
export function summaryOf({ metric, groups, acceptanceThreshold }: MeasuredAudit): string {
  const of = (family: string) => groups.find((group) => group.family === family);
  const [samples, originals] = [of("samples"), of("originals")];
  if (samples === undefined) return "No network was drawn.";
  const drawn = `${counted(samples.count, "network")} ${samples.count === 1 ? "was" : "were"} drawn from noise.`;
  if (metric === null || samples.metric === null) return `${drawn} What they are worth was not measured.`;
  const theirs = originals?.metric == null ? "" : ` (originals: ${compact(originals.metric.mean.value)})`;
  const cleared =
    acceptanceThreshold === null
      ? ""
      : ` ${percent(acceptanceThreshold.cleared.value)} of them reach the acceptance threshold of ${compact(acceptanceThreshold.value)}, which all but a twentieth of the held-out networks do.`;
  return `${drawn} Their ${metric.name} is ${compact(samples.metric.mean.value)} on average${theirs}; ${metric.better} is better.${cleared}`;
}

/** One number that says what the samples are, and what to make of it. */
interface Finding {
  readonly label: string;
  readonly value: string;
  readonly meaning: string;
}

function findingsHtml(audit: MeasuredAudit): string {
  const { copying, averaging, autoencoder } = audit;
  const found: Finding[] = [
    {
      label: "Copying",
      value: decimal(copying.zu),
      meaning: `Z_U of samples against held-out networks: far below 0, samples lie nearer to the originals. When the two change places at random it lies between ${decimal(copying.null.low)} and ${decimal(copying.null.high)}; so low by chance with p ${compact(copying.p)}.`,
    },
    {
      label: "Near-duplicates",
      value: whole(copying.nearDuplicates),
      meaning: `Samples within ${decimal(copying.radius)} of one original, where 1 is a held-out network’s distance, and at least twice as far from all others.`,
    },
    {
      label: "Distance to the mean",
      value: `${decimal(averaging.toMean)} ×`,
      meaning: `How far samples lie from the mean of the originals, where the originals’ own distance is 1. ${averaging.toMean < 0.8 ? "Nearer than originals: so do averages." : "About as far as originals, or farther."}`,
    },
    {
      label: "Distance apart",
      value: `${decimal(averaging.apart)} ×`,
      meaning: `How far two samples lie from each other, where two originals’ distance is 1.${averaging.apart < 0.05 ? " They are nearly the same network." : ""}`,
    },
    ...(autoencoder === null
      ? []
      : [
          {
            label: "Variance explained",
            value: percent(autoencoder.varianceExplained),
            meaning: `Of the differences between originals, what survives the ${autoencoder.type} autoencoder’s ${counted(autoencoder.latent, "number")}.`,
          },
        ]),
    ...audit.excess.map(({ family, excess, beyond }) => ({
      label: `Against ${family}`,
      value: compact(excess.value),
      meaning: `What samples are better by, in ${audit.metric?.name ?? "its units"}, than ${family} as far from the originals: between ${compact(excess.low)} and ${compact(excess.high)} with 95\u00a0%.${beyond > 0.5 ? " Most samples lie farther out than this baseline reaches." : ""}`,
    })),
  ];
  const rows = found.map(
    ({ label, value, meaning }) =>
      `<div><dt>${escapeHtml(label)}</dt><dd class="value">${escapeHtml(value)}</dd><dd class="meaning">${escapeHtml(meaning)}</dd></div>`,
  );
  return `<dl class="findings">\n${rows.join("\n")}\n</dl>`;
}

function failuresHtml({ failures }: MeasuredAudit): string {
  const listed = failures
    .slice(0, MAX_LISTED)
    .map(({ group, network, problem }) => [`${group} ${network}`, problem] as const);
  const rest = failures.length > MAX_LISTED ? paragraphs([`And ${failures.length - MAX_LISTED} more.`]) : "";
  return `${pairs(listed)}${rest}`;
}

function coverageOf({ metric, groups, remarks, neighbours }: MeasuredAudit): string[] {
  const baselines = groups.filter(({ family }) => ["noise", "average", "gaussian", "latent"].includes(family));
  return [
    `The samples are set beside ${baselines.length === 0 ? "no baselines" : counted(baselines.length, "baseline setting")} at the same distance from the originals.`,
    metric === null
      ? "Nothing was measured, so the verdict knows parameters alone."
      : `Each network is one number, ${metric.name}: mistakes that networks share, ensembles and calibration cannot be looked at. Intervals are over networks, not over whatever the number was measured on.`,
    "Distances see weights, not functions: networks that differ only in the order of their hidden units lie far apart here and are the same.",
    ...(neighbours > 0
      ? [`Checkpoints within ${counted(neighbours, "place")} of one another count as neighbours.`]
      : []),
    ...remarks,
  ];
}

function runHtml({ audit, provenance, recipe }: MeasuredReportInput): string[] {
  const times = Object.entries(audit.seconds).map(([stage, seconds]) => [stage, duration(seconds)] as const);
  return [
    ...(times.length === 0 ? [] : ["<h3>Time</h3>", pairs(times)]),
    ...(provenance.length === 0 ? [] : ["<h3>Provenance</h3>", pairs(provenance)]),
    "<h3>Recipe</h3>",
    `<pre>${escapeHtml(recipe.trim())}</pre>`,
  ];
}
