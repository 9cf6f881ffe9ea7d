/** What to try after a run, by the verdict on its samples. */
import type { AnyRecipe } from "../recipe/index.ts";
import type { VerdictName } from "../records/index.ts";

/** What a hint is about. */
export interface HintFacts {
  readonly recipe: AnyRecipe;
  readonly folder: string;
  /** Whether MNIST is on this machine. */
  readonly hasMnist: boolean;
}

/** Something to try. */
export interface Hint {
  /** Why, in a sentence. */
  readonly purpose: string;
  /** The words of a command after the program's name. */
  readonly command?: readonly string[];
}

/** The verdict and its hint, for each verdict there is. */
const hints: Readonly<Record<VerdictName, (facts: HintFacts) => Hint>> = {
  replica: fromMoreNetworks,
  "replica in part": fromMoreNetworks,
  "average-like": simpler,
  "gaussian-like": simpler,
  "noise-like": simpler,
  collapsed: (facts) =>
    trainLonger(facts, "The generator draws few different networks: train its diffusion model longer."),
  "off the map": (facts) =>
    trainLonger(facts, "The generator has not learned where networks lie: train its diffusion model longer."),
  broken: (facts) => trainLonger(facts, "The generator does not draw working networks yet: train it longer."),
  new: (facts) =>
    trainLonger(facts, "Longer training, and more networks to learn from, bring new networks nearer to trained ones."),
  novel: ({ recipe, folder }) =>
    recipe.generator === "files"
      ? { purpose: "The generator draws new networks: let it draw more, and audit these as well." }
      : { purpose: "Draw more new networks:", command: ["sample", folder, "-n", "1000"] },
  undecided: () => ({ purpose: "What an audit needs to decide is in its reason, above." }),
};

/** What to try after a verdict. */
export function hintOf(verdict: VerdictName, facts: HintFacts): Hint {
  const isQuick = "quick" in facts.recipe && facts.recipe.quick;
  return isQuick ? { purpose: "Run it without --quick: a quick run only shows the way." } : hints[verdict](facts);
}

/** With as many held-out networks, one half can choose a snapshot and the other half audit it. */
const ENOUGH_TO_CHOOSE = 20;

/** For samples that repeat what was learned from: more networks to learn from, or less training. */
function fromMoreNetworks({ recipe, folder, hasMnist }: HintFacts): Hint {
  const { zoo, diffusion, generator } = recipe;
  if (zoo.kind === "trajectory") return separateTrainings(hasMnist);
  const isDiffusion = generator === "diffusion" && diffusion !== null;
  if (isDiffusion && diffusion.choose === "last" && zoo.heldOut >= ENOUGH_TO_CHOOSE)
    return {
      purpose: "Let held-out networks choose the snapshot that samples, before it learns the originals by heart:",
      command: ["run", folder, "diffusion.snapshots=8", "diffusion.choose=held-out"],
    };
  if (zoo.kind === "files") return { purpose: "Learn from more checkpoints, of other trainings." };
  return {
    purpose: "Learn from more networks, in another run:",
    command: ["run", folder, `zoo.count=${2 * zoo.count}`, "--run", `${folder}-${2 * zoo.count}`],
  };
}

/** Of one training, a generator can hardly draw anything but what it saw, or averages of it. */
function separateTrainings(hasMnist: boolean): Hint {
  const purpose =
    "Checkpoints of one training differ too little for new networks. Learn from independent trainings, with other seeds";
  if (!hasMnist) return { purpose: `${purpose} (mnist-mlp-seeds); its data first:`, command: ["data", "get", "mnist"] };
  return {
    purpose: `${purpose}:`,
    command: ["run", "mnist-mlp-seeds", "zoo.count=200", "zoo.unseen=100", "diffusion.training.steps=2000"],
  };
}

/** For samples that something without training is as good as. */
function simpler(facts: HintFacts): Hint {
  if (facts.recipe.zoo.kind === "trajectory") return separateTrainings(facts.hasMnist);
  return trainLonger(
    facts,
    "To be worth more than such draws, the generator needs longer training, or more networks to learn from.",
  );
}

/** Twice the training of the diffusion model, where there is one. */
function trainLonger({ recipe: { generator, diffusion }, folder }: HintFacts, purpose: string): Hint {
  if (generator !== "diffusion" || diffusion === null) return { purpose };
  return { purpose, command: ["run", folder, `diffusion.training.steps=${2 * diffusion.training.steps}`] };
}
