/** Writing CIFAR files for tests. */

/** Bytes of an image. */
export const CIFAR_PIXELS = 3 * 32 * 32;

/** One record: its label bytes, and a noisy image that follows from `seed`. */
export interface CifarRecord {
  readonly labels: readonly number[];
  readonly seed: number;
}

/** The image of a record, `[3, 32, 32]`. */
export function cifarImage({ seed }: CifarRecord): Uint8Array {
  return Uint8Array.from(
    { length: CIFAR_PIXELS },
    (_, i) => (Math.imul(seed * CIFAR_PIXELS + i, 0x9e3779b1) >>> 16) & 255,
  );
}

/** The bytes of a file. */
export function encodeCifar(records: readonly CifarRecord[]): Buffer {
  return Buffer.concat(records.flatMap((record) => [Uint8Array.from(record.labels), cifarImage(record)]));
}
