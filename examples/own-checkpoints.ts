/** Learns from a folder of checkpoints, samples new ones and audits them, in twenty lines. */
import { audit, fit, type Measure, sample } from "neural-network-diffusion";

/** Fits, samples and audits; tells its progress to `tell`. */
export async function newCheckpoints(
  options: { checkpoints: string; select: string; run: string; measure: Measure; overrides?: readonly string[] },
  tell: (text: string) => void,
): Promise<string> {
  const { measure, ...what } = options;
  const fitting = fit(what);
  for await (const event of fitting)
    if (event.type === "progress") tell(`${event.item.label} ${event.step}/${event.total}`);
  const { folder } = await fitting.result;

  const files = await sample({ run: folder, count: 5 }).result;
  tell(`wrote ${files.length} checkpoints, the first ${files[0]}`);

  const found = await audit({ run: folder, measure, better: "lower" }).result;
  return `${found.verdict.name}: ${found.verdict.rule}`;
}
