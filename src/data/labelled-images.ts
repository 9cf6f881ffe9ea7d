/** Images with their labels, from which a data set is made. */
import type { Labels } from "./images/raw-image.ts";

/** Images of one size. */
export interface LabelledImages {
  /** 1: grey; 3: red, green and blue, a plane each. */
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** `[count, channels, height, width]` */
  readonly images: Uint8Array;
  /** `[count]` */
  readonly labels: Labels;
}
