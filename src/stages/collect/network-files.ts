/**
 * The checkpoints of a zoo of files whose networks can be run here: their tensors by the names of
 * the network, and what the network does not carry of them. A checkpoint is evaluated only
 * as the network that it is.
 */
import {
  openFile,
  openVector,
  type StoredTensor,
  type Survey,
  sameElements,
  surveyFiles,
  type VectorOptions,
} from "../../checkpoints/index.ts";
import { UserError } from "../../errors.ts";
import type { OnnxModel } from "../../graph/index.ts";
import { type Layout, type LayoutEntry, nameFinder } from "../../layout/index.ts";
import { at } from "../../lookup.ts";
import { torchvisionTensor } from "../../networks/index.ts";
import type { Recipe } from "../../recipe/index.ts";
import { show, showAll } from "../../show.ts";
import { modelOf } from "../../task-network/index.ts";
import type { Classifier } from "../../zoo/index.ts";
import { allFiles, distinctGroups, fileGroups } from "./file-groups.ts";
import { differingText, type ZooFiles } from "./zoo-files.ts";

/** PyTorch's counter beside running statistics; no result depends on it. */
const COUNTER = /(^|\.)num_batches_tracked$/;

/** What a recipe says of a network and of files of it. */
interface NetworkFiles extends Pick<Recipe, "network"> {
  readonly zoo: Pick<Recipe["zoo"], "files" | "heldOutFiles" | "unseenFiles" | "key">;
}

/** A network, and its tensors that are generated. */
interface Task {
  readonly network: Pick<Classifier, "layout">;
  readonly chosen: Layout;
}

/** The tensors of checkpoints and of the network that they are of, matched by name. */
interface Matched {
  readonly tensors: ReadonlyMap<string, StoredTensor>;
  /** What a tensor of the network is called in the files; undefined where they lack it. */
  readonly nameOf: (entry: LayoutEntry) => string | undefined;
  /** Tensors of the files that the network lacks. */
  readonly lacking: readonly string[];
  readonly survey: Survey;
}

/** What the tensors of a network may be called in files: timm's names, and torchvision's. */
export const networkNames = (
  { network: { name } }: Pick<Recipe, "network">,
  { layout }: Pick<Classifier, "layout">,
): Required<Pick<VectorOptions, "namesOf" | "names">> => ({
  namesOf: (entry) => [entry.name, torchvisionTensor(name, entry).name],
  names: layout.entries.map((entry) => entry.name),
});

/**
 * Reads what there is to know of the checkpoints of a recipe with a network: state dicts with
 * timm's or torchvision's names, in any format.
 * @param base the values that tensors have which are not generated, by the network's names;
 *   unknown before there is a base network.
 * @throws UserError `E_CHECKPOINT` when the files cannot be used, or are of another network than
 *   the exported one, because its exporter merged tensors.
 */
export async function networkZoo(
  recipe: NetworkFiles,
  { network, chosen }: Task,
  base?: ReadonlyMap<string, Float32Array>,
): Promise<ZooFiles> {
  const { key } = recipe.zoo;
  const given = await fileGroups(recipe.zoo);
  const { namesOf, names } = networkNames(recipe, network);
  const first = await openFile(at(given.files, 0), { key });
  await first.close();
  const nameOf = nameFinder(first.tensors, chosen.entries, namesOf, names);
  const carried = new Set(network.layout.entries.map(nameOf));
  const lacking = [...first.tensors].flatMap(([name, { count }]) =>
    carried.has(name) || COUNTER.test(name) || count === 0 ? [] : [name],
  );
  const survey = await surveyFiles(allFiles(given), { key });
  const matched: Matched = { tensors: first.tensors, nameOf, lacking, survey };
  const model = modelOf(recipe.network);
  if (model !== undefined) requireUnmerged(recipe, model, matched);
  const open = (file: string) => openVector(file, chosen, { key, namesOf, names });
  const { notes, ...groups } = await distinctGroups(given, { size: chosen.size, open });
  const differing = await differingIn(at(groups.files, 0), matched, { network, chosen, key, base });
  return {
    ...groups,
    given,
    layout: chosen,
    open,
    notes,
    warnings: [
      ...lackingTexts(matched, model),
      ...(differing.length === 0 ? [] : [differingText(differing, "the base network")]),
    ],
    differing,
  };
}

/**
 * Refuses an exported model in which one initialiser stands for several tensors of the checkpoints:
 * its exporter merged those that were equal, and left no trace of their names.
 */
function requireUnmerged({ network }: NetworkFiles, model: OnnxModel, { tensors, lacking, survey }: Matched): void {
  const reused = [...model.initialisers].filter(([name]) => (model.users.get(name) ?? 0) > 1);
  const merged = lacking.flatMap((name) => {
    const shape = `${tensors.get(name)?.shape}`;
    const owner = reused.find(([, initialiser]) => `${initialiser.shape}` === shape)?.[0];
    return owner !== undefined && survey.varying.has(name) && !survey.tied.has(name) ? [[name, owner] as const] : [];
  });
  if (merged.length === 0) return;
  const owners = [...new Set(merged.map(([, owner]) => owner))];
  const uses = owners.map((owner) => `${show(owner)} in ${model.users.get(owner)} places`).join(", ");
  throw new UserError(
    "E_CHECKPOINT",
    `${network.name === "onnx" ? network.file : network.name} is not the network of the checkpoints: it lacks ${showAll(merged.map(([name]) => name))}, and uses ${uses}. Its exporter merged tensors that were equal when it was exported; export it again with optimize=False (dynamo=True), or with the values of a trained checkpoint, so that no two tensors are equal (docs/onnx.md)`,
  );
}

/** Says which tensors of the checkpoints never reach the network. */
function lackingTexts({ tensors, lacking, survey }: Matched, model: OnnxModel | undefined): string[] {
  const folded = model === undefined ? [] : lacking.filter((name) => name.endsWith("running_var"));
  const layers = new Set(folded.map((name) => name.slice(0, -"running_var".length)));
  const others = lacking.filter(
    (name) =>
      survey.varying.has(name) &&
      !survey.tied.has(name) &&
      ![...layers].some((layer) => name.startsWith(layer)) &&
      tensors.has(name),
  );
  const texts: string[] = [];
  if (folded.length > 0)
    texts.push(
      `the exported model has no ${showAll(folded)}: its exporter folded normalisations into the layers before them, so generated tensors of those layers do not fit; export it without folding (docs/onnx.md), or do not select these layers`,
    );
  if (others.length > 0)
    texts.push(
      `the network has no ${showAll(others)}, which differ between the checkpoints: nothing of them is measured, and originals with them may be worth more or less than is reported`,
    );
  return texts;
}

/** What tensors that are not generated are compared with. */
interface Unselected extends Task {
  readonly key: string | undefined;
  readonly base: ReadonlyMap<string, Float32Array> | undefined;
}

/** Tensors of the network that are not generated, and differ between a checkpoint and the base. */
async function differingIn(
  path: string,
  { nameOf, survey, tensors }: Matched,
  { network, chosen, key, base }: Unselected,
): Promise<string[]> {
  const generated = new Set(chosen.entries.map(({ name }) => name));
  const file = await openFile(path, { key });
  const differing: string[] = [];
  try {
    for (const entry of network.layout.entries) {
      const name = generated.has(entry.name) ? undefined : nameOf(entry);
      const values = base?.get(entry.name);
      if (name === undefined || tensors.get(name)?.count !== entry.size) continue;
      const own = async (start: number, into: Float32Array) =>
        void into.set(values?.subarray(start, start + into.length) ?? []);
      const isOther =
        survey.varying.has(name) ||
        (values !== undefined &&
          !(await sameElements(own, (start, into) => file.readFloats(name, start, into), entry.size)));
      if (isOther) differing.push(entry.name);
    }
  } finally {
    await file.close();
  }
  return differing;
}
