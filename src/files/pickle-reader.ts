/** Reads the operands of pickle instructions: numbers, bytes, texts and lines. */

/** The longest line in a pickle: the name of a module or object, or the digits of a number. */
const MAX_LINE = 1000;

/** How the reader refuses a pickle. */
export interface ReaderRules {
  /** Refuses the pickle; the problem is a clause such as "its pickle asks for …". */
  readonly fail: (problem: string) => never;
  /** Called when the bytes end before the pickle does. */
  readonly ended: () => never;
}

/** A position in the bytes, and reads from there. All numbers are little-endian unless said. */
export interface PickleReader {
  /** The next byte to read. */
  position(): number;
  skip(length: number): void;
  uint8(): number;
  uint16(): number;
  int32(): number;
  uint32(): number;
  /** A big-endian float64. */
  float64(): number;
  bytes(length: number): Uint8Array;
  utf8(length: number): string;
  latin1(length: number): string;
  /** Bytes up to a newline, which is skipped. */
  line(): string;
  /** An integer of `length` bytes in two's complement. */
  integer(length: number): number | bigint;
}

const decodeLatin1 = (bytes: Uint8Array): string => Buffer.from(bytes).toString("latin1");

/** An integer as a number where a number is exact. */
export const exactInteger = (value: bigint): number | bigint =>
  Number.isSafeInteger(Number(value)) ? Number(value) : value;

/** Reads from `start` on. */
export function pickleReader(data: Uint8Array, start: number, { fail, ended }: ReaderRules): PickleReader {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  let at = start;
  /** Steps over `length` bytes and returns their position. */
  const advance = (length: number): number => {
    if (at + length > data.length) ended();
    at += length;
    return at - length;
  };
  const bytes = (length: number): Uint8Array => data.subarray(advance(length), at);
  return {
    position: () => at,
    skip: (length) => void advance(length),
    uint8: () => view.getUint8(advance(1)),
    uint16: () => view.getUint16(advance(2), true),
    int32: () => view.getInt32(advance(4), true),
    uint32: () => view.getUint32(advance(4), true),
    float64: () => view.getFloat64(advance(8)),
    bytes,
    utf8(length) {
      const encoded = bytes(length);
      try {
        return decoder.decode(encoded);
      } catch {
        return fail("its pickle has a text that is not UTF-8");
      }
    },
    latin1: (length) => decodeLatin1(bytes(length)),
    line() {
      const length = data.subarray(at, at + MAX_LINE).indexOf(0x0a);
      if (length < 0) return at + MAX_LINE > data.length ? ended() : fail("its pickle has an endless line");
      const content = decodeLatin1(bytes(length));
      advance(1);
      return content;
    },
    integer(length) {
      const digits = Buffer.from(bytes(length)).reverse().toString("hex");
      return exactInteger(BigInt.asIntN(8 * length, BigInt(`0x${digits || "0"}`)));
    },
  };
}
