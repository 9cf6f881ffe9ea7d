/**
 * What an autoencoder is: a way between parameter vectors and latents that describes itself. How it
 * is found is its own affair: by training a network (`trained.ts`), or worked out.
 */

import type { Cost, Tensor } from "../../graph/index.ts";
import type { Layout } from "../../layout/index.ts";
import type { FileMatrix, Matrix, MemoryMatrix } from "../../numeric/index.ts";
import type { Device } from "../../runtime/index.ts";
import type { CanonicalSpace, HiddenUnits } from "../../symmetry/index.ts";
import type { TrainingHost } from "../fit-network.ts";
import type { Normalisation } from "../normalisations/normalisation.ts";
import type { NormalisationPart } from "../normalisations/part.ts";
import type { Part, PartOptions } from "../part.ts";
import type { Saved, Store } from "../saved.ts";
import type { TokenShape } from "../unit-tokens.ts";

/** A fitted autoencoder at work: raw parameters in, raw parameters out. */
export interface Codec {
  /** Length of a parameter vector, D. */
  readonly dimension: number;
  /** Numbers of a latent. */
  readonly latent: number;
  /** `[n, D]` to `[n, latent]`. */
  encode(vectors: Float32Array): Promise<Float32Array>;
  /** `[n, latent]` to `[n, D]`. */
  decode(latents: Float32Array): Promise<Float32Array>;
  /** The graph of `decode`: latents `[n, latent]` to parameters `[n, D]`. */
  decoded(latents: Tensor): Tensor;
  /** Numbers that this graph holds as constants, roughly. */
  readonly constants: number;
  /** Whether each network must be decoded alone; false by default. */
  readonly decodesAlone?: boolean;
  /** What latents consist of, where they are tokens. */
  readonly tokens?: TokenShape;
  /** Frees its compiled graphs. */
  release(): Promise<void>;
}

/** What a saved autoencoder is loaded with. */
export interface LoadSource {
  readonly normalisation: NormalisationPart;
  readonly device: Device;
  /** The tensors of a parameter vector. */
  layout(): Promise<Layout>;
  /** Opens the checkpoints that it was fitted to; to be closed by the caller. */
  open(): Promise<FileMatrix>;
  /** The networks' hidden units. Throws UserError `E_CONFIG` where they are not known. */
  units(): HiddenUnits;
}

/** What an autoencoder is fitted to. */
export interface FitTask {
  /** The checkpoints, `[K, D]`. */
  readonly zoo: Matrix;
  readonly layout: Layout;
  /** Whether the checkpoints are of one training, in its order. */
  readonly trajectory: boolean;
  readonly source: LoadSource;
  readonly store: Store;
  readonly host: TrainingHost;
  /** The canonical form of the checkpoints `[K, D]`; throws UserError `E_CONFIG` as `units`. */
  canonicalSpace(networks: MemoryMatrix): Promise<CanonicalSpace>;
  /** Reports the progress of an autoencoder that is worked out. */
  progress(done: number, total: number): Promise<void>;
  /** Adds a note to the run's journal. */
  note(text: string): Promise<void>;
  /** Adds a warning to the run's journal. */
  warn(text: string): Promise<void>;
}

/** A fitted autoencoder and what it makes of the checkpoints. */
export interface FittedAutoencoder {
  readonly latent: number;
  /** Of the checkpoints, `[K, latent]`. */
  readonly latents: Float32Array;
  /** The share of the variance between checkpoints that survives. */
  readonly explained: number;
  readonly tokens?: TokenShape | undefined;
  /** How much each number of a latent counts in the denoiser's loss; all the same by default. */
  readonly weight?: Float32Array;
  /** Latents `[n, latent]` of other checkpoints `[n, D]`. */
  encode(others: Matrix): Promise<Float32Array>;
  /** Frees its compiled graphs. */
  release(): Promise<void>;
}

/** Decodes latents range by range, where whole vectors need not fit in memory. */
export interface StreamedDecoder {
  readonly latent: number;
  /**
   * Decodes latents `[n, latent]`.
   * @param put takes coordinates from `start` on of all networks, `[n, width]`; the array is its
   *   own.
   */
  decode(latents: Float32Array, put: (start: number, block: Float32Array) => Promise<void>): Promise<void>;
  /** Closes the files of the checkpoints. */
  close(): Promise<void>;
}

/** What an autoencoder is planned for. */
export interface AutoencoderShape {
  /** Length of a parameter vector, D. */
  readonly dimension: number;
  /** Checkpoints, K. */
  readonly count: number;
  /** The networks' hidden units; throws UserError `E_CONFIG` where they are not known. */
  units(): HiddenUnits;
}

/** What an autoencoder will be, and what it costs to fit. */
export interface AutoencoderPlan {
  readonly latent: number;
  readonly tokens?: TokenShape;
  /** What the fit costs: its steps, the cost of each, and bytes of snapshots beside them. */
  work(): { readonly steps: number; readonly step: Cost; readonly snapshotBytes: number };
}

/** An autoencoder as it describes itself. */
export interface AutoencoderPart<Options = PartOptions> extends Part<Options> {
  /** What a latent is: numbers without order, or tokens of hidden units. */
  readonly latents: "vector" | "tokens";
  /** Whether its latents have a standard normal prior to draw from; false by default. */
  hasPrior?(options: Options): boolean;
  /**
   * Plans the autoencoder, without data.
   * @throws UserError `E_CONFIG` where it does not fit the vectors, or no memory.
   */
  plan(options: Options, shape: AutoencoderShape): AutoencoderPlan;
  /**
   * The options of an autoencoder that is fitted within a minute, for a first look.
   * @param count how many checkpoints there will be.
   */
  smaller(options: Options, count: number): Options;
  /** Fits the autoencoder and saves it; one that was saved is continued from. */
  fit(options: Options, task: FitTask): Promise<FittedAutoencoder>;
  /**
   * Loads a saved autoencoder.
   * @returns it, and the normalisation in which its errors count.
   */
  load(
    options: Options,
    saved: Saved,
    source: LoadSource,
  ): Promise<{ readonly codec: Codec; readonly normalisation: Normalisation }>;
  /** Opens a saved autoencoder for vectors that need not fit in memory, where it can do so. */
  stream?(options: Options, saved: Saved, source: LoadSource): Promise<StreamedDecoder>;
}
