/** Images with their labels, as files hold them or a pen drew them: what a data set is made from. */
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
