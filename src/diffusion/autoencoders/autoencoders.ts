/** The list of autoencoders. */
import type { AutoencoderPart } from "./autoencoder.ts";
import { convAutoencoder } from "./conv.ts";
import { linearAutoencoder } from "./linear.ts";
import { tokenAutoencoder } from "./tokens.ts";
import { unitsAutoencoder } from "./units.ts";
import { v1Autoencoder } from "./v1.ts";
import { v3Autoencoder } from "./v3.ts";

/** The autoencoders of this package; a new one is a file and a line here. */
export const autoencoders: readonly AutoencoderPart[] = [
  convAutoencoder,
  v1Autoencoder,
  v3Autoencoder,
  tokenAutoencoder,
  linearAutoencoder,
  unitsAutoencoder,
];
