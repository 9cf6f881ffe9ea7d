/** Claims a run folder for a recipe, and refuses one that another recipe uses. */
import { UserError } from "../errors.ts";
import { exists, remove, writeAtomic } from "../files/index.ts";
import { type AnyRecipe, differencesOf, loadRunRecipe, type Parts, recipeText } from "../recipe/index.ts";
import { type Paths, paths, removeOutputs, type StageName, stageNames } from "../run/index.ts";

/** A section of a recipe that only a later stage depends on, and the outputs that do so. */
interface LaterSection {
  readonly section: string;
  readonly stage: StageName;
  readonly outputs: readonly string[];
}

const laterSections = ({ generator }: AnyRecipe, p: Paths): readonly LaterSection[] => [
  // An import of samples that did not end holds nothing but copies of some, and begins again.
  { section: "sample", stage: "sample", outputs: [generator === "files" ? p.samplesIndex : p.samples] },
  { section: "evaluate", stage: "evaluate", outputs: [p.evaluation] },
  // Measurements are kept by their command, so one that failed may be corrected.
  { section: "measure", stage: "evaluate", outputs: [p.results] },
  { section: "audit", stage: "audit", outputs: [p.audit, p.baselines] },
];

/** Fields on which no result depends: how long and how often the user's program is tried. */
const WITHOUT_EFFECT: Readonly<Record<string, readonly string[]>> = { measure: ["timeout", "retries", "parallel"] };

/**
 * The recipe fields that outputs depend on which stay.
 * @param again the first stage that is done again, with all after it.
 */
async function fieldsInUse(
  recipe: AnyRecipe,
  p: Paths,
  again: StageName | undefined,
): Promise<Readonly<Record<string, unknown>>> {
  const { about: _, ...rest }: Record<string, unknown> = recipe;
  for (const { section, stage, outputs } of laterSections(recipe, p)) {
    const isRedone = again !== undefined && stageNames.indexOf(stage) >= stageNames.indexOf(again);
    const there = await Promise.all(outputs.map((path) => exists(path)));
    if (isRedone || !there.includes(true)) delete rest[section];
    else if (WITHOUT_EFFECT[section] !== undefined) rest[section] = without(rest[section], WITHOUT_EFFECT[section]);
  }
  return rest;
}

const without = (section: unknown, fields: readonly string[]): unknown =>
  typeof section === "object" && section !== null
    ? Object.fromEntries(Object.entries(section).filter(([field]) => !fields.includes(field)))
    : section;

/** A folder that is free for a recipe. */
export interface Claim {
  /** Whether the folder held a run of this recipe before. */
  readonly resumed: boolean;
  /** Writes config.yaml; called once what the recipe no longer fits is removed. */
  commit(): Promise<void>;
}

/**
 * Claims a run folder, which this process has locked, for a recipe. Fields that no output depends
 * on may differ from the recipe that is there: outputs that do not exist yet, and those of stages
 * that are done again.
 * @param again the first stage that is done again, with all after it.
 * @throws UserError `E_RUN` when the folder holds another recipe.
 */
export async function claimFolder(
  recipe: AnyRecipe,
  folder: string,
  { parts, again }: { readonly parts: Parts; readonly again?: StageName | undefined },
): Promise<Claim> {
  const p = paths(folder);
  // The recipe may change as long as no stage has written anything, as after an error in the data.
  const begun = (await exists(p.base)) || (await exists(p.zoo));
  const write = () =>
    writeAtomic(
      p.config,
      `# Resolved recipe of this run; pdiff run on this file makes the same run again.\n${recipeText(recipe)}`,
    );
  const fresh: Claim = {
    resumed: false,
    async commit() {
      await remove(p.network);
      if (begun) await removeOutputs(p, ["collect"]);
      await write();
    },
  };
  if (!(await exists(p.config))) {
    if (!begun) return fresh;
    throw new UserError(
      "E_RUN",
      `${folder} holds a run without config.yaml; remove it or choose another folder with --run`,
    );
  }
  const there = await loadRunRecipe(p.config, parts);
  const differences = differencesOf(await fieldsInUse(there, p, again), await fieldsInUse(recipe, p, again));
  if (differences !== "") {
    // A collection of files that did not end holds nothing but copies of some.
    const onlyCopies = [there, recipe].every(({ zoo }) => zoo.kind === "files") && !(await exists(p.zooIndex));
    if (!begun || onlyCopies) return fresh;
    throw new UserError(
      "E_RUN",
      `${folder} was made by another recipe (${differences}); choose another folder with --run, or remove this one`,
    );
  }
  const changed = recipeText(there) !== recipeText(recipe);
  return { resumed: true, commit: async () => (changed ? write() : undefined) };
}
