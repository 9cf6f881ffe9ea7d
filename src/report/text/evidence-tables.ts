/**
 * The tables of evidence under the verdict: whether samples hold on to what was learned from, are
 * put together from its units, lie at a minimum, what training they are worth, and how varied they
 * are. Each comes with a sentence on how to read it.
 */
import type { Audit, BaselineFamily, Family, Interval } from "../../records/index.ts";
import { groupNamed } from "../audit-groups.ts";
import { familyStyles } from "../drawing/family-styles.ts";
import type { Images } from "../input.ts";
import { counted } from "./nouns.ts";
import { decimal, decimals, percents, probability, whole } from "./number-format.ts";
import { accuracyDigits } from "./score-format.ts";
import { sentences } from "./sentences.ts";

/** A table with how to read it. */
export interface EvidenceTable {
  readonly title: string;
  readonly reading: string;
  /** Headings, without that of the names. */
  readonly columns: readonly string[];
  readonly rows: readonly EvidenceRow[];
}

interface EvidenceRow {
  readonly name: string;
  readonly family: Family;
  /** One for each column. */
  readonly cells: readonly string[];
}

/** The tables of what is known, in the order in which they are shown. */
export function evidenceTables(audit: Audit, images: Images | null = null): EvidenceTable[] {
  return [
    pullTable(audit),
    collageTable(audit),
    wayTable(audit),
    worthTable(audit, images),
    diversityTable(audit),
  ].filter((table) => table !== undefined);
}

/** A row for every group, from columns of cells. */
const rowsOf = (
  groups: readonly { readonly name: string; readonly family: Family }[],
  columns: readonly (readonly string[])[],
): EvidenceRow[] =>
  groups.map(({ name, family }, i) => ({ name, family, cells: columns.map((cells) => cells[i] ?? "") }));

function pullTable({ copying: { pull } }: Audit): EvidenceTable | undefined {
  if (pull === null) return undefined;
  const baseline = ({ family, share }: { readonly family: BaselineFamily; readonly share: number }) => ({
    name: familyStyles[family].title,
    family,
    share,
  });
  const groups = [
    { name: "samples", family: "samples" as Family, share: pull.share },
    { name: "fresh networks", family: "references" as Family, share: pull.fresh },
    ...pull.baselines.map(baseline),
  ].filter(({ share }) => Number.isFinite(share));
  return {
    title: "Seen against unseen",
    reading: sentences(
      "Share of networks that lie nearer to one that was learned from than to one of the same process that nothing saw, as if there were as many of both.",
      "Without copying it is 50\u00a0%, whatever else is wrong with a network; the more of it is above, the more holds on to the originals.",
      `The samples’ share, or a greater one, occurs by chance with probability ${probability(pull.p)}.`,
    ),
    columns: ["nearer to a seen network, %"],
    rows: rowsOf(groups, [groups.map(({ share }) => decimal(100 * share, 1))]),
  };
}

function collageTable({ collage }: Audit): EvidenceTable | undefined {
  if (collage === null) return undefined;
  const { rows, units } = collage;
  return {
    title: "Put together from units of originals?",
    reading: sentences(
      "Distance of every hidden unit to the nearest unit of any original, by its effect on the outputs, where 1 is the median of held-out networks’ units.",
      "Of a collage most units lie near 0; new units lie as held-out ones do.",
    ),
    columns: [
      "5 %",
      "median",
      "75 %",
      "below ½, %",
      "nearer than a held-out unit, %",
      `donors of ${whole(units)} units`,
      "networks",
    ],
    rows: rowsOf(rows, [
      decimals(rows.map(({ low }) => low)),
      decimals(rows.map(({ median }) => median)),
      decimals(rows.map(({ high }) => high)),
      rows.map(({ belowHalf }) => decimal(100 * belowHalf, 1)),
      rows.map(({ nearer }) => decimal(100 * nearer, 1)),
      rows.map(({ donors }) => decimal(donors, 1)),
      rows.map(({ networks }) => whole(networks)),
    ]),
  };
}

function wayTable({ straightWay, byUnits }: Audit): EvidenceTable | undefined {
  if (straightWay === null) return undefined;
  const { rows, places, images } = straightWay;
  return {
    title: "The straight way to the nearest original",
    reading: sentences(
      `Accuracy (%, ${counted(images, "test image")}) along the straight line from a network to its nearest original${byUnits ? ", units matched" : ""}, and the least between the ends, less that of the worse end, in points: median [10\u00a0%, 90\u00a0%].`,
      "Two trained networks have a valley between them, so the change is below 0; above 0 a network lies on a slope, and gets better in a straight line towards an original.",
    ),
    columns: [...places.map((place) => wayPlace(place)), "change from the worse end", "networks"],
    rows: rowsOf(rows, [
      ...places.map((_, i) => rows.map(({ accuracy }) => decimal(100 * (accuracy[i] ?? Number.NaN), 1))),
      rows.map(
        ({ low, median, high }) =>
          `${median > 0 ? "+" : ""}${decimal(100 * median, 1)} [${decimal(100 * low, 1)}, ${decimal(100 * high, 1)}]`,
      ),
      rows.map(({ networks }) => whole(networks)),
    ]),
  };
}

const wayPlace = (place: number): string =>
  place === 0 ? "network" : place === 1 ? "original" : `${whole(100 * place)}\u00a0%`;

function worthTable({ trainingScale }: Audit, images: Images | null): EvidenceTable | undefined {
  if (trainingScale === null) return undefined;
  const { networks, steps, fresh, worth } = trainingScale;
  const least = fresh[0]?.steps ?? 1;
  return {
    title: "Worth in training steps",
    reading: sentences(
      `After how many of ${counted(steps, "step")} networks that are trained afresh are as accurate, by ${counted(networks, "network")} from seeds that nothing saw; 95\u00a0% interval over networks.`,
      "It says what a sample saves. Trained baselines are there for scale and not part of the verdict: they see images, which the generator does not when it draws.",
      "Fresh networks of the same accuracy share about as many mistakes as their accuracy lets them: a group that shares far fewer is varied by noise on its weights.",
    ),
    columns: [
      "accuracy, %",
      "worth, steps [95 %]",
      "shared mistakes (IoU)",
      "shared mistakes of fresh networks as accurate",
    ],
    rows: rowsOf(worth, [
      percents(
        worth.map(({ accuracy }) => accuracy),
        accuracyDigits(images),
      ),
      worth.map(({ steps: worthSteps }) => stepsText(worthSteps, least, steps)),
      decimals(worth.map(({ within }) => within)),
      decimals(worth.map(({ freshWithin }) => freshWithin)),
    ]),
  };
}

/** `230 [210, 255]`; `27 or fewer`, `1 718 or more` at the ends of the scale. */
function stepsText({ value, low, high }: Interval, least: number, most: number): string {
  if (value <= least) return `${whole(least)} or fewer`;
  if (value >= most) return `${whole(most)} or more`;
  return `${whole(value)} [${whole(low)}, ${whole(high)}]`;
}

function diversityTable(audit: Audit): EvidenceTable | undefined {
  const { diversity, trainingScale } = audit;
  if (diversity === null) return undefined;
  const within = (name: string) => groupNamed(audit, name)?.similarity?.within ?? Number.NaN;
  const fresh = trainingScale?.worth.find(({ name }) => name === "samples")?.freshWithin;
  const groups = [
    { name: "samples", family: "samples" as Family, nearest: diversity.samples, within: within("samples") },
    { name: "held-out", family: "heldOut" as Family, nearest: diversity.heldOut, within: within("held-out") },
  ];
  const columns = [
    decimals(groups.map(({ nearest }) => nearest.low)),
    decimals(groups.map(({ nearest }) => nearest.median)),
    decimals(groups.map(({ nearest }) => nearest.high)),
    decimals(groups.map((group) => group.within)),
  ];
  return {
    title: "Diversity",
    reading: sentences(
      "Distance of every network to the nearest other one of its group, where 1 is a held-out network’s median distance to the originals, and the mistakes that two of the group share.",
      "Samples that lie much nearer to one another than held-out networks do are a few networks again and again.",
      fresh !== undefined &&
        Number.isFinite(fresh) &&
        `Fresh networks as accurate as the samples share ${decimal(fresh)} of their mistakes: to share fewer is no merit, for noise on weights does it.`,
    ),
    columns: ["nearest other, 5 %", "median", "95 %", "shared mistakes (IoU)"],
    rows: rowsOf(groups, columns),
  };
}
