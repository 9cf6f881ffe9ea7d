/** Separate trainings of one network, each alone or several at once: how many, and who trains them, group by group. */
import { type PreparedImages, preparedImages } from "../data/index.ts";
import type { Key } from "../random/index.ts";
import type { Saver } from "../training/index.ts";
import {
  type Classifier,
  canTrainInTeam,
  canTrainTogether,
  type Team,
  type TrainOptions,
  trainClassifier,
  trainingTeam,
} from "../zoo/index.ts";

/** Parameters of all networks that are trained at once, and the most such networks: more leave the caches, and take longer. */
const TOGETHER = { numbers: 2 ** 18, networks: 20 };

/** How many separate trainings of a network are done at once. */
export function networksAtOnce(network: Classifier, augmentation: unknown): number {
  const fitting = Math.floor(TOGETHER.numbers / network.layout.size);
  return canTrainTogether(network, augmentation) ? Math.max(1, Math.min(TOGETHER.networks, fitting)) : 1;
}

/** A network that was trained alone or with others, and its last loss. */
interface TrainedNetwork {
  readonly theta: Float32Array;
  readonly loss: number;
}

/** What one group of separate trainings is told. */
interface GroupTraining {
  readonly keys: readonly Key[];
  readonly saver: Saver;
  /** Hears of each step, with the losses before it. */
  onStep(done: number, losses: readonly number[]): void | Promise<void>;
}

/** Bytes of prepared images that are kept for one network at a time: they save its training from preparing them again. */
const KEPT_IMAGES = 2 ** 28;

/** Trains groups of whole networks: by a team that is kept from group to group, or each alone. */
export function separateTrainers(common: Omit<TrainOptions, "key" | "saver" | "onStep">, atOnce: number) {
  const { channels, height, width, train, augmentation } = common.data;
  const bytes = 4 * train.count * channels * height * width;
  const inTeam = atOnce > 1 || (bytes <= KEPT_IMAGES && canTrainInTeam(common.classifier, augmentation));
  let images: PreparedImages | undefined;
  let team: { readonly count: number; readonly work: Team } | undefined;
  const teamOf = async (count: number): Promise<Team> => {
    if (team?.count !== count) {
      await team?.work.release();
      images ??= preparedImages(common.data, common.data.train);
      team = { count, work: await trainingTeam({ ...common, count, images }) };
    }
    return team.work;
  };
  return {
    async train({ keys, saver, onStep }: GroupTraining): Promise<TrainedNetwork[]> {
      let last: readonly number[] = [];
      if (!inTeam) {
        const theta = await trainClassifier({
          ...{ ...common, key: keys[0]!, saver },
          async onStep(done, loss) {
            last = [loss];
            await onStep(done, last);
          },
        });
        return [{ theta, loss: last[0]! }];
      }
      const networks = await (await teamOf(keys.length)).train({
        ...{ keys, saver },
        async onStep(done, _, losses) {
          last = losses;
          await onStep(done, losses);
        },
      });
      return networks.map((theta, i) => ({ theta, loss: last[i]! }));
    },
    release: async () => team?.work.release(),
  };
}
