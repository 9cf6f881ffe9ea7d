/** Which tensors of a checkpoint can be generated: a selection among its floating-point tensors. */
import { UserError } from "../errors.ts";
import { type Layout, layoutOf, matchesGlob, restrict, select, withKinds } from "../layout/index.ts";
import { show, showAll } from "../show.ts";
import type { StoredTensor } from "./formats/checkpoint-file.ts";
import { DECODERS } from "./formats/dtypes.ts";
import { powerIterations } from "./power-iteration.ts";
import type { Survey } from "./survey.ts";

/** PyTorch's counter beside running statistics; no result depends on it. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/**
 * The layout of the tensors that a selection names, without counters and other integers, and
 * without what is computed from other tensors.
 * @param survey what differs between the checkpoints. With it, tensors that are the same in all
 *   are left out, unless nothing varies, and of tensors that always have the same elements one is
 *   kept.
 * @throws UserError `E_CONFIG` as `select` does, saying why a tensor of that name cannot be had.
 */
export function tensorsToGenerate(
  tensors: ReadonlyMap<string, StoredTensor>,
  selection: string | readonly string[],
  survey?: Survey,
): Layout {
  const computed = computedTensors(tensors);
  const floats = [...tensors].filter(
    ([name, { dtype, count }]) => DECODERS.has(dtype) && count > 0 && !computed.has(name),
  );
  const whole = layoutOf(withKinds(floats.map(([name, { shape }]) => ({ name, shape }))));
  let chosen: ReadonlySet<string>;
  try {
    chosen = new Set(select(whole, selection).map(({ name }) => name));
  } catch (error) {
    throw error instanceof UserError ? withReason(error, tensors, selection) : error;
  }
  if (survey === undefined) return restrict(whole, chosen);
  const apart = [...chosen].filter((name) => !chosen.has(survey.tied.get(name) ?? ""));
  const varying = apart.filter((name) => survey.varying.has(name));
  return restrict(whole, new Set(varying.length > 0 ? varying : apart));
}

/** Vectors that are computed from a weight, and the weight. */
function computedTensors(tensors: ReadonlyMap<string, StoredTensor>): ReadonlyMap<string, string> {
  const found = powerIterations(new Set(tensors.keys()));
  return new Map(found.flatMap(({ weight, u, v }) => [u, v].map((name) => [name, weight] as const)));
}

/** The same error, with why tensors that a selection names are not among those to choose from. */
function withReason(
  error: UserError,
  tensors: ReadonlyMap<string, StoredTensor>,
  selection: string | readonly string[],
): UserError {
  const terms = (typeof selection === "string" ? selection.split(",") : selection).map((term) => term.trim());
  const computed = computedTensors(tensors);
  const named = [...tensors].flatMap(([name, { dtype, count }]) => {
    if (!terms.some((term) => matchesGlob([...term], [...name]))) return [];
    if (computed.has(name)) return [`${show(name)} is computed from ${show(computed.get(name) ?? "")}`];
    if (count === 0) return [`${show(name)} is empty`];
    return DECODERS.has(dtype) ? [] : [`${show(name)} is of type ${dtype}, which is not generated`];
  });
  if (named.length === 0) return error;
  return new UserError(error.code, `${error.message} ${showAll(named, (text) => text)}.`, { cause: error });
}

/** What happens to the tensors that are not generated, in sentences. */
export interface Remarks {
  /** Harmless: tensors that are the same in all checkpoints, or follow another. */
  readonly notes: readonly string[];
  /**
   * Tensors that differ between the checkpoints and are not generated, so that no original is
   * measured as it is.
   */
  readonly differing: readonly string[];
}

/**
 * Remarks on the tensors of checkpoints beside those that are generated.
 * @param selection as it was for the layout.
 */
export function remarksOn(
  tensors: ReadonlyMap<string, StoredTensor>,
  selection: string | readonly string[],
  { layout, survey }: { readonly layout: Layout; readonly survey: Survey },
): Remarks {
  const generated = new Set(layout.entries.map(({ name }) => name));
  const selected = tensorsToGenerate(tensors, selection).entries.map(({ name }) => name);
  const computed = [...computedTensors(tensors)].filter(([, weight]) => generated.has(weight)).map(([name]) => name);
  const follow = [...survey.tied].filter(([, owner]) => generated.has(owner));
  const still = selected.filter((name) => !survey.varying.has(name) && !generated.has(name));
  const known = new Set([...generated, ...computed, ...follow.map(([name]) => name)]);
  const differing = [...survey.varying].filter(
    (name) => !known.has(name) && !COUNTER.test(name) && !generated.has(survey.tied.get(name) ?? ""),
  );
  const notes: string[] = [];
  if (still.length > 0) notes.push(`the same in all checkpoints, and left as they are: ${showAll(still)}`);
  if (follow.length > 0)
    notes.push(
      `tensors that have the elements of another follow it: ${showAll(
        follow.map(([name, owner]) => `${show(name)} follows ${show(owner)}`),
        (text) => text,
      )}`,
    );
  if (computed.length > 0) notes.push(`computed from the generated weights, and not generated: ${showAll(computed)}`);
  return { notes, differing };
}
