/**
 * What a recipe may say: the schema of its resolved form. Every value has bounds: those that are no matter of taste keep
 * slips of the keyboard from becoming hours of work or a crash.
 */
import { z } from "zod";
import { baseline } from "../baselines/index.ts";
import { dataSetNames, normaliserNames } from "../data/index.ts";
import { isFlow, normalisationModes } from "../diffusion/index.ts";
import { UserError } from "../errors.ts";
import { CHECKPOINT_PLACE } from "../metric/index.ts";
import { deviceNames } from "../runtime/index.ts";
import { presetNames } from "./presets.ts";

/** Steps of a training; below 2^32, the numbers that name the random streams of steps. */
const MAX_STEPS = 1e9;
const steps = z.int().min(1).max(MAX_STEPS);
/** Things of which there is one file each in a folder, and one row each in a matrix in memory. */
const MAX_NETWORKS = 1e5;
/** Examples in a batch, which is in memory as a whole. */
const batch = z.int().min(1).max(1e5);
/** Channels, units and latent numbers; the products of two widths are held as one matrix. */
const width = z.int().min(1).max(1e6);
/** Layers, blocks and stages, each of which adds nodes to a graph. */
const MAX_LAYERS = 100;
const widths = z.array(width).max(MAX_LAYERS);
/** Sides of kernels and factors between lengths. */
const MAX_SIDE = 1000;
/** Times of a diffusion; tables have a row for each. */
const MAX_TIMES = 1e5;

/** No machine runs more threads at once for one session of ONNX Runtime. */
const MAX_THREADS = 1024;

const fraction = z.number().min(0).max(1);
const positive = z.number().positive();

/** `adam` may stand for `{ type: adam }`. */
const shorthand = <T extends z.ZodType>(schema: T) =>
  z.preprocess((value) => (typeof value === "string" ? { type: value } : value), schema);

const betas = z.tuple([fraction, fraction]).default([0.9, 0.999]);
const weightDecay = z.number().min(0).default(0);
const optimiser = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({
      type: z.literal("sgd"),
      momentum: fraction.default(0.9),
      nesterov: z.boolean().default(false),
      weightDecay,
    }),
    z.strictObject({ type: z.literal("adam"), betas, weightDecay }),
    z.strictObject({ type: z.literal("adamw"), betas, weightDecay }),
  ]),
);

const warmup = z.int().min(0).default(0);
const schedule = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("constant"), warmup }),
    z.strictObject({
      type: z.literal("cosine"),
      floor: fraction.default(0),
      /** Whether the rate falls at every step or, as in the paper's scripts, from one epoch to the next. */
      per: z.enum(["step", "epoch"]).default("step"),
      warmup,
    }),
    z.strictObject({ type: z.literal("multi-step"), milestones: z.array(fraction), factor: positive, warmup }),
  ]),
);

const training = z.strictObject({ steps, batch, lr: positive, optimiser, schedule });

/** Sides of images. */
const pixels = z.int().min(1).max(4096);
/** Shares of an image's area, or ratios of width to height: the least and the greatest. */
const range = z
  .tuple([positive, positive])
  .refine(([least, greatest]) => least <= greatest, "expected the smaller number first");
const crop = shorthand(
  z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("none") }),
    z.strictObject({ type: z.literal("padded"), padding: z.int().min(1).max(MAX_SIDE) }),
    z.strictObject({
      type: z.literal("resized"),
      scale: range.refine(([, greatest]) => greatest <= 1, "expected shares of the area, at most 1").default([0.08, 1]),
      ratio: range.default([3 / 4, 4 / 3]),
    }),
  ]),
);
const augmentation = z.strictObject({
  crop: crop.default({ type: "none" }),
  flip: z.boolean().default(false),
  /** Degrees: training images are turned by up to so many, either way. */
  rotation: z.number().min(0).max(180).default(0),
});

const mlp = z.strictObject({ name: z.literal("mlp"), hidden: widths.default([64, 32]) });
const cnn = z.strictObject({
  name: z.literal("cnn"),
  channels: widths.min(1).default([16, 32, 15]),
  kernel: z.int().min(1).max(MAX_SIDE).default(3),
  hidden: widths.default([20]),
  colour: z.boolean().default(true),
});

const convnet = z.strictObject({
  name: z.literal("convnet"),
  width: width.default(128),
  depth: z.int().min(1).max(MAX_LAYERS).default(3),
});
const stem = z.enum(["imagenet", "cifar"]).default("imagenet");
const resnet = <Name extends string>(name: Name) => z.strictObject({ name: z.literal(name), stem });
/** The share of elements, tokens or branches that training leaves out. */
const rate = z.number().min(0).lt(1).default(0);
const patch = z.int().min(1).max(MAX_SIDE);
const vit = <Name extends string>(name: Name) =>
  z.strictObject({
    name: z.literal(name),
    patch: patch.default(16),
    dropout: rate,
    attentionDropout: rate,
    dropPath: rate,
  });
const convnext = <Name extends string>(name: Name) =>
  z.strictObject({
    name: z.literal(name),
    patch: patch.default(4),
    dropPath: rate,
    layerScale: positive.default(1e-6),
  });
const fixed = <Name extends string>(name: Name) => z.strictObject({ name: z.literal(name) });

/** The network of a recipe. */
export const networkSchema = z.discriminatedUnion("name", [
  mlp,
  cnn,
  convnet,
  resnet("resnet18"),
  resnet("resnet50"),
  vit("vit_tiny_patch16_224"),
  vit("vit_base_patch16_224"),
  convnext("convnext_tiny"),
  convnext("convnext_base"),
  fixed("convnet-mini"),
  fixed("mlp-mini"),
  fixed("resnet-mini"),
  fixed("vit-mini"),
  fixed("convnext-mini"),
  /** Any classifier as another framework exported it. */
  z.strictObject({ name: z.literal("onnx"), file: z.string().min(1) }),
]);

const noise = z.strictObject({
  parameters: z.number().min(0),
  latent: z.number().min(0),
  mode: z.enum(["add", "blend"]),
  /** What is to be reconstructed: the vectors, or the vectors with their noise as in the revised paper's code. */
  target: z.enum(["clean", "noisy"]).default("clean"),
});
const odd = z
  .int()
  .min(1)
  .max(MAX_SIDE)
  .refine((n) => n % 2 === 1, "expected an odd number");
/** The least variance between checkpoints that an autoencoder must explain for the run to go on. */
const gate = z.number().max(1).default(0.2);
const autoencoder = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("conv"),
    channels: widths.min(1),
    kernel: odd,
    stride: z.int().min(2).max(MAX_SIDE),
    latent: width,
    noise,
    training,
    gate,
  }),
  z.strictObject({
    type: z.literal("v1"),
    encoder: width,
    decoder: z
      .array(width)
      .length(4)
      .refine((channels) => channels.at(-1) === 1, "expected 1 channel at the end, which is the vector"),
    fold: odd.min(3),
    noise,
    training,
    gate,
  }),
  z.strictObject({
    type: z.literal("v3"),
    channels: widths.min(1),
    kernel: odd,
    latent: width,
    /** Weight of the divergence from a standard normal: above 0, a variational autoencoder. */
    kl: z.number().min(0).default(0),
    /** What its batch normalisation uses once trained: the running statistics, or those of batches as the published code. */
    batchNorm: z.enum(["running", "batch"]).default("running"),
    noise,
    training,
    gate,
  }),
  z.strictObject({
    type: z.literal("tokens"),
    /** Numbers in a chunk of the vector, and numbers that each chunk becomes. */
    chunk: width,
    rank: width,
    latent: width,
    noise,
    training,
    gate,
  }),
  z.strictObject({ type: z.literal("linear"), latent: width, gate }),
  /** Tokens, one for each hidden unit of a network: nothing to train, and exact. */
  z.strictObject({ type: z.literal("units"), gate }),
]);

const beta = z.number().gt(0).lt(1);
const clip = positive.nullable();
const diffusion = z.strictObject({
  /** What the denoiser learns: the noise of DDPM's process, or the velocity of straight paths from data to noise. */
  process: z.preprocess(
    (value) =>
      typeof value === "object" && value !== null && !("objective" in value) ? { objective: "noise", ...value } : value,
    z.discriminatedUnion("objective", [
      z.strictObject({
        objective: z.literal("noise"),
        steps: z.int().min(1).max(MAX_TIMES),
        betaStart: beta,
        betaEnd: beta,
      }),
      z.strictObject({
        objective: z.literal("flow"),
        steps: z.int().min(2).max(MAX_TIMES).default(1000),
        /** Share of uniform times in training; the others are logit-normal. */
        uniform: fraction.default(0.5),
      }),
    ]),
  ),
  standardise: z.boolean(),
  denoiser: z.discriminatedUnion("type", [
    z.strictObject({ type: z.literal("mlp"), width, blocks: z.int().min(1).max(MAX_LAYERS) }),
    z.strictObject({ type: z.literal("v1"), channels: widths.min(1), kernel: odd }),
    z.strictObject({ type: z.literal("v3"), channels: widths.min(1), kernel: odd }),
    /** A transformer of the tokens of hidden units, which sees no order in them. */
    z
      .strictObject({
        type: z.literal("units"),
        width,
        blocks: z.int().min(1).max(MAX_LAYERS),
        heads: z.int().min(1).max(MAX_SIDE),
      })
      .refine((options) => options.width % options.heads === 0, "expected a width that its heads divide"),
  ]),
  ema: fraction.nullable(),
  training,
  /** Snapshots of the denoiser, farther apart the later in its training, kept, for the audit's frontier. */
  snapshots: z.int().min(0).max(100).default(0),
  /** Which denoiser to sample: the last one, or the snapshot with the least error on half of the held-out networks. */
  choose: z.enum(["last", "held-out"]).default("last"),
});

const sampler = z.discriminatedUnion("type", [
  z.strictObject({
    type: z.literal("ddpm"),
    variance: z.enum(["large", "posterior"]).default("posterior"),
    clip: clip.default(null),
  }),
  z.strictObject({
    type: z.literal("ddim"),
    steps: z.int().min(1).max(MAX_TIMES).default(60),
    eta: fraction.default(0),
    clip: clip.default(null),
  }),
  z.strictObject({ type: z.literal("euler"), steps: z.int().min(1).max(MAX_TIMES).default(60) }),
  z.strictObject({ type: z.literal("heun"), steps: z.int().min(1).max(MAX_TIMES).default(30) }),
]);

/** The full name of a baseline, or one of some other names. */
const named = (...others: readonly string[]) =>
  z.string().transform((name, { issues }) => {
    if (others.includes(name)) return name;
    try {
      return baseline(name).name;
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      issues.push({ code: "custom", message: error.message, input: name });
      return z.NEVER;
    }
  });

/** The baselines of the paper's and the critique's comparisons, and what else is known to work on weights. */
const USUAL_BASELINES = [
  ...["noise:0.001", "noise:0.05", "noise:0.15", "noise-absolute:0.06", "noise-absolute:0.12"],
  ...[
    "interpolate",
    "average:2",
    "average:4",
    "average:8",
    "average:16",
    "average:64",
    "average:all",
    "swa",
    "ema:0.95",
  ],
  ...["gaussian", "pca-gaussian", "swag", "gaussian-latent", "kde-latent"],
];

const percent = z.number().min(0).max(100);
/** Test accuracies in percent, each the best of its group but for the mean of the samples. */
const accuracies = z.strictObject({
  original: percent.optional(),
  /** Of the average of all originals' weights. */
  ensemble: percent.optional(),
  samples: percent.optional(),
  mean: percent.optional(),
});
const about = z.strictObject({
  /** Which table or section. */
  reproduces: z.string().max(200),
  published: accuracies.optional(),
  measured: accuracies.extend({ how: z.string().max(300) }).optional(),
  /** Of a whole run, in words: on one core of a CPU (from the plan), and on a data centre's GPU (a guess from it). */
  time: z.strictObject({ core: z.string().max(40), gpu: z.string().max(40) }).optional(),
});

/** Which run this is, and where it computes. */
const identity = {
  name: z
    .string()
    .regex(
      /^\w[\w.-]{0,99}$/,
      "expected at most 100 letters, digits, '.', '-' and '_', no mark first; it is the file's name unless the recipe says another",
    ),
  /** What is known of the experiment. It changes nothing that is computed. */
  about: about.optional(),
  seed: z.int().min(0).default(1),
  device: z
    .strictObject({ name: z.enum(deviceNames).default("cpu"), threads: z.int().min(1).max(MAX_THREADS).default(1) })
    .prefault({}),
};

/** What draws networks, the same whatever they are. */
const generation = {
  preset: z.enum(presetNames).default("small"),
  normalisation: z.enum(normalisationModes),
  autoencoder,
  /** Null where there is no diffusion model to fit. */
  diffusion: diffusion.nullable(),
  /** What draws the samples: the diffusion model, the prior of a variational autoencoder, or one of its baselines. */
  generator: named("diffusion", "vae").default("diffusion"),
  sample: z
    .strictObject({
      count: z.int().min(1).max(MAX_NETWORKS).default(200),
      sampler: sampler.default({ type: "ddpm", variance: "posterior", clip: null }),
    })
    .prefault({}),
};

const files = z.union(
  [z.string().min(1), z.array(z.string().min(1)).min(1)],
  "expected paths, folders or patterns such as ckpts/*.pth, or a list of them",
);
const zooCount = z.int().min(2).max(MAX_NETWORKS);
const selection = z
  .union([z.string(), z.array(z.string())], "expected a selection such as all or last-layers:1, or a list of them")
  .default("all");

/** Checkpoints kept from the generator, for the audit; 0 for none, and no verdict. */
const heldOut = z.int().min(0).max(MAX_NETWORKS);

type AddIssue = (path: string[], message: string, input: unknown) => void;

/** What `checkCommon` looks at. */
const generating = z.object({ ...generation, zoo: z.object({ heldOut }) });

/** What must fit among the common parts. */
function checkCommon(value: z.output<typeof generating>, addIssue: AddIssue): void {
  const { sampler: s } = value.sample;
  const { autoencoder: coder } = value;
  const process = value.diffusion?.process;
  if (value.generator === "diffusion" && process === undefined) {
    addIssue(["diffusion"], "the generator diffusion needs one; use another preset, or generator: vae", null);
  }
  if (value.generator === "vae" && !(coder.type === "v3" && coder.kl > 0)) {
    addIssue(["autoencoder", "type"], "the generator vae needs a variational autoencoder; use preset: vae", coder.type);
  }
  if (value.diffusion?.choose === "held-out" && (value.diffusion.snapshots < 2 || value.zoo.heldOut < 6)) {
    addIssue(
      ["diffusion", "choose"],
      "choosing by held-out networks needs snapshots to choose from (diffusion.snapshots of at least 2) and at least 6 such networks (zoo.heldOut)",
      value.diffusion.choose,
    );
  }
  if (coder.type === "v3" && coder.kl > 0 && coder.noise.latent > 0) {
    addIssue(
      ["autoencoder", "noise", "latent"],
      "a variational autoencoder (autoencoder.kl above 0) learns the noise of its latents; use 0",
      coder.noise.latent,
    );
  }
  if (process !== undefined && s.type !== "ddpm" && s.steps > process.steps) {
    addIssue(
      ["sample", "sampler", "steps"],
      `more steps than the diffusion has (T = ${process.steps}); lower it or raise diffusion.process.steps`,
      s.steps,
    );
  }
  if (process !== undefined && isFlow(s) !== (process.objective === "flow")) {
    addIssue(
      ["sample", "sampler", "type"],
      process.objective === "flow"
        ? "a denoiser of velocities (diffusion.process.objective: flow) is followed; use heun or euler"
        : "a denoiser of noise (diffusion.process.objective: noise) is not followed; use ddpm or ddim",
      s.type,
    );
  }
  if ((coder.type === "units") !== (value.diffusion?.denoiser.type === "units")) {
    addIssue(
      ["diffusion", "denoiser", "type"],
      coder.type === "units"
        ? "tokens of units (autoencoder.type: units) need a denoiser of units, which does not mind their order; use preset: units"
        : "a denoiser of units needs their tokens (autoencoder.type: units); use preset: units",
      value.diffusion?.denoiser.type,
    );
  }
  if (coder.type === "units" && value.diffusion?.standardise) {
    addIssue(
      ["diffusion", "standardise"],
      "tokens of units are standardised already, the same for all units of a layer; use false",
      true,
    );
  }
  if (process?.objective === "noise" && process.betaEnd < process.betaStart) {
    addIssue(
      ["diffusion", "process", "betaEnd"],
      `must not lie below betaStart (${process.betaStart})`,
      process.betaEnd,
    );
  }
}

/** A recipe whose networks are classifiers that can be run here. */
export const schema = z
  .strictObject({
    ...identity,
    data: z.strictObject({
      name: z.enum(dataSetNames as [string, ...string[]]),
      /** Images set apart from the training split: they may choose, the test split only reports. */
      selection: z.int().min(1),
      pad: z.int().min(0).default(0),
      train: z.int().min(1).optional(),
      test: z.int().min(1).optional(),
      /** The folder of a user's own set (`name: folder`): train/CLASS/*.jpg and test/CLASS/*.jpg, or CLASS/*.jpg. */
      folder: z.string().min(1).optional(),
      /** Side of the square images that the network sees; the set's own, or 224 where every image has its own. */
      size: pixels.optional(),
      /** In evaluation, the shorter side before the centre is cut out; 8/7 of `size` where images are of another size. */
      resize: pixels.optional(),
      /** Whose mean and standard deviation normalise the pixels. */
      normalise: z
        .union(
          [z.enum(normaliserNames), z.strictObject({ mean: z.array(z.number()), std: z.array(z.number().positive()) })],
          `expected ${normaliserNames.join(", ")} or { mean: [m, …], std: [s, …] }`,
        )
        .default("own"),
      /** What is done to training images. */
      augment: augmentation.nullable().default(null),
      /** Keep images of files with a shorter side of at most so many pixels. */
      store: pixels.optional(),
      /** What to do with an image that cannot be decoded. */
      corrupt: z.enum(["fail", "skip"]).default("fail"),
    }),
    network: networkSchema,
    base: z.strictObject({
      /** A state dict to begin from: timm's or torchvision's, a .safetensors file or one of `torch.save`. */
      weights: z.string().min(1).optional(),
      /** None, where the weights are to be taken as they are. */
      epochs: z.int().min(0).max(MAX_STEPS),
      /** Which network to go on with: the last one, or that of the epoch which is best on the selection split. */
      keep: z.enum(["last", "selection"]).default("last"),
      batch,
      lr: positive,
      optimiser,
      schedule,
    }),
    zoo: z.strictObject({
      /**
       * `trajectory`: go on training the base network and save on the way. `seeds`: as many separate trainings. `orders`:
       * separate trainings from the same initial values, through the data in other orders. `files`: checkpoints that are
       * there already.
       */
      kind: z.enum(["trajectory", "seeds", "orders", "files"]).default("trajectory"),
      /** The checkpoints of `files`: paths, folders or patterns. */
      files: files.optional(),
      count: zooCount,
      select: selection,
      /** What lies between two checkpoints. */
      every: z
        .union([z.enum(["step", "epoch"]), z.strictObject({ steps })], "expected step, epoch or { steps: N }")
        .default("step"),
      /** Steps before the first of them begins. */
      skip: z.int().min(0).max(MAX_STEPS).default(0),
      /**
       * Checkpoints made in the same way and kept from the generator, for the audit; 0 for none, and no verdict. One for
       * every four of the zoo by default, and at most 50.
       */
      heldOut,
      /** Whole networks trained from other initial values, for the audit. */
      references: z.int().min(0).max(MAX_NETWORKS).default(3),
      batch: batch.default(128),
      lr: positive.default(1e-3),
      optimiser: optimiser.default({ type: "adam", betas: [0.9, 0.999], weightDecay: 0 }),
      schedule: schedule.default({ type: "constant", warmup: 0 }),
      /** Whether batch normalisation goes on with each batch's statistics, as in the paper, or keeps the base network's. */
      batchNorm: z.enum(["train", "eval"]).default("train"),
      /**
       * Whether separate trainings are kept in canonical form: hidden units in balance and in the order that fits those of
       * the first network best. What a network computes stays the same. Of MLPs that are generated whole.
       */
      canonical: z.boolean().default(false),
      /** A run folder whose base network and zoo to take over, made with the same settings up to here. */
      reuse: z.string().optional(),
    }),
    ...generation,
    evaluate: z
      .strictObject({
        batch: batch.default(250),
        /** How many checkpoints to encode, decode and evaluate. */
        reconstructions: z.int().min(1).max(MAX_NETWORKS).default(50),
      })
      .prefault({}),
    audit: z
      .strictObject({
        /** What the samples are compared with. */
        baselines: z.array(named()).max(100).prefault(USUAL_BASELINES),
        /** Networks drawn from each of them. */
        draws: z.int().min(3).max(MAX_NETWORKS).default(100),
        /** Originals trained further, and for how many steps. */
        fineTuned: z
          .strictObject({
            count: z.int().min(0).max(MAX_NETWORKS).default(20),
            steps: z.int().min(1).max(MAX_STEPS).default(10),
          })
          .prefault({}),
        /** The largest ensemble. */
        ensemble: z.int().min(1).max(MAX_NETWORKS).default(200),
        /** Ways through the denoising from start to end. */
        trajectories: z.int().min(0).max(100).default(5),
        /** Maps of the latents to two dimensions. */
        embeddings: z.array(z.enum(["tsne", "pca", "umap"])).default(["tsne"]),
      })
      .prefault({}),
  })
  .check(({ value, issues }) => {
    const addIssue: AddIssue = (path, message, input) => issues.push({ code: "custom", path, message, input });
    checkCommon(value, addIssue);
    if (value.base.epochs === 0 && value.base.weights === undefined) {
      addIssue(["base", "epochs"], "a network without weights needs training; use at least 1, or give base.weights", 0);
    }
    if ((value.data.name === "folder") !== (value.data.folder !== undefined)) {
      addIssue(
        ["data", "folder"],
        value.data.folder === undefined
          ? "missing: say where your images are, as in data.folder=DIR"
          : "only a set named folder takes one; use name: folder, or leave it out",
        value.data.folder,
      );
    }
    if (value.zoo.kind === "trajectory" && value.zoo.heldOut > value.zoo.count) {
      addIssue(
        ["zoo", "heldOut"],
        `more than the ${value.zoo.count} checkpoints of the trajectory; use at most zoo.count`,
        value.zoo.heldOut,
      );
    }
    const { kind, select } = value.zoo;
    if ((kind === "files") !== (value.zoo.files !== undefined)) {
      addIssue(
        ["zoo", "files"],
        kind === "files"
          ? "missing: say which checkpoints to learn from, as in zoo.files='ckpts/*.pth'"
          : "only a zoo of kind files takes them; use zoo.kind: files, or leave them out",
        value.zoo.files,
      );
    }
    if (kind === "files" && (value.base.weights === undefined || value.base.epochs > 0)) {
      addIssue(
        ["base", "weights"],
        "a zoo of files needs the checkpoint that generated tensors are laid over, as it is: base.weights, with base.epochs: 0",
        value.base.weights,
      );
    }
    const separate = kind === "seeds" || kind === "orders";
    if (separate && value.base.weights !== undefined) {
      addIssue(
        ["base", "weights"],
        "separate trainings begin from values of their own; leave it out, or use zoo.kind: trajectory",
        value.base.weights,
      );
    }
    if (separate && select !== "all") {
      addIssue(
        ["zoo", "select"],
        "separate trainings share no frozen part, so all tensors must be generated; use select: all or kind: trajectory",
        select,
      );
    }
  });

/** The baselines of networks each of which costs a run of somebody's program. */
const FEW_BASELINES = ["noise:0.05", "noise:0.15", "average:2", "average:4", "average:16", "average:all", "gaussian"];

/** The longest that one measurement may take, in seconds. */
const MAX_SECONDS = 1e6;

/** A recipe for checkpoints of networks that cannot be run here: a program of the user's measures them, or nothing does. */
export const measuredSchema = z
  .strictObject({
    ...identity,
    zoo: z.strictObject({
      kind: z.literal("files"),
      /** The checkpoints to learn from: paths, folders or patterns. */
      files,
      /** The checkpoint whose other tensors generated ones are laid over, and whose format is written; the first by default. */
      like: z.string().min(1).optional(),
      count: zooCount,
      select: selection,
      heldOut,
    }),
    ...generation,
    measure: z
      .strictObject({
        /** A command with `{checkpoint}` in it that prints a number or a JSON object. */
        command: z
          .string()
          .refine(
            (text) => text.includes(CHECKPOINT_PLACE),
            `expected ${CHECKPOINT_PLACE} where the checkpoint's path goes`,
          )
          .nullable()
          .default(null),
        /** Which of the numbers that it prints counts. */
        metric: z.string().min(1).optional(),
        better: z.enum(["higher", "lower"]).optional(),
        /** Seconds after which one measurement is given up. */
        timeout: positive.max(MAX_SECONDS).default(600),
        /** How often a failed measurement is tried again. */
        retries: z.int().min(0).max(100).default(1),
        /** Programs at work side by side. */
        parallel: z.int().min(1).max(MAX_THREADS).default(1),
        /** The most networks of a group that are measured: originals, held-out ones, samples. */
        networks: z.int().min(3).max(MAX_NETWORKS).default(20),
      })
      .prefault({}),
    audit: z
      .strictObject({
        baselines: z.array(named()).max(100).prefault(FEW_BASELINES),
        draws: z.int().min(3).max(MAX_NETWORKS).default(5),
      })
      .prefault({}),
  })
  .check(({ value, issues }) =>
    checkCommon(value, (path, message, input) => issues.push({ code: "custom", path, message, input })),
  );

/** A resolved recipe of classifiers: every value is there. */
export type Recipe = z.output<typeof schema>;

/** A resolved recipe of networks that cannot be run here. */
export type MeasuredRecipe = z.output<typeof measuredSchema>;

/** A recipe whose networks can be run here, or one whose networks are measured by somebody else's program. */
export type AnyRecipe = Recipe | MeasuredRecipe;

/** Whether a recipe's networks cannot be run here. */
export const isMeasured = (recipe: AnyRecipe): recipe is MeasuredRecipe => !("network" in recipe);
