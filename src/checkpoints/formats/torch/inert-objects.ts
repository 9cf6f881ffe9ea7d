/**
 * Python objects that training scripts put beside a state dict and that are not needed: numbers of
 * NumPy, parsed arguments, paths, dates. They are read as names without content, never made, and a
 * copy of the file has them byte for byte. Others are refused, because a file that asks for them
 * may run a program wherever it is loaded later.
 */
import { InertValue, type PythonObject } from "../../../files/index.ts";

/** Full names of classes, and of functions that make values of them. */
const HARMLESS: readonly RegExp[] = [
  /^numpy\.(_core|core)\.multiarray\.(scalar|_reconstruct)$/,
  /^numpy\.(dtype|ndarray|bool_?|u?int\d+|float\d+|complex\d+|str_|bytes_|datetime64|timedelta64)$/,
  /^numpy\.dtypes\.\w+DType$/,
  /^numpy\.random\.(_pickle\.__\w+_ctor|_\w+\.(MT19937|PCG64|PCG64DXSM|Philox|SFC64)|mtrand\.RandomState)$/,
  /^_codecs\.encode$/,
  /^argparse\.Namespace$/,
  /^types\.SimpleNamespace$/,
  /^pathlib(\._local)?\.(Pure)?(Posix|Windows)?Path$/,
  /^datetime\.(datetime|date|time|timedelta|timezone)$/,
  /^collections\.deque$/,
  /^(decimal\.Decimal|fractions\.Fraction|uuid\.UUID)$/,
  /^(builtins|__builtin__)\.(set|frozenset|bytearray|bytes|complex|range|xrange|slice|int|long|float|str|unicode|bool|list|dict|tuple|object)$/,
  /^(copyreg|copy_reg)\._reconstructor$/,
  /^typing\.Any$/,
  /^omegaconf\.(dictconfig\.DictConfig|listconfig\.ListConfig|base\.(Container)?Metadata|nodes\.\w+Node)$/,
  /^(easydict\.EasyDict|ml_collections\.config_dict\.config_dict\.ConfigDict)$/,
  /^torch\.torch_version\.TorchVersion$/,
  /^(pytorch_lightning|lightning)(\.\w+)*\.AttributeDict$/,
  /^(pytorch_lightning|lightning\.pytorch)\.callbacks\.(\w+\.)*\w+$/,
];

/** The stand-in for a harmless Python object; undefined for any other. */
export function inertObject(name: string): PythonObject | undefined {
  if (!HARMLESS.some((pattern) => pattern.test(name))) return undefined;
  return { name, call: () => new InertValue(name) };
}
