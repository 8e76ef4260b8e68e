/** Classes that training scripts and frameworks keep in checkpoints; weights do not need them. */
const KNOWN: readonly RegExp[] = [
  /^argparse\.Namespace$/,
  /^types\.SimpleNamespace$/,
  /^collections\.(deque|namedtuple)$/,
  /^pathlib\./,
  /^datetime\./,
  /^numpy\./,
  /^_codecs\.encode$/,
  /^copyreg?\._reconstructor$/,
  /^copy_reg\._reconstructor$/,
  /^(__builtin__|builtins)\.(set|frozenset|complex|bytearray|bytes|slice|x?range|list|dict|tuple|int|long|float|str|unicode|bool|object)$/,
  /^(omegaconf|yacs|easydict|ml_collections|addict)\./,
  /^(pytorch_lightning|lightning|lightning_fabric|torchmetrics|transformers|accelerate)\./,
  /^torch\.(device|dtype|Generator|float(16|32|64)|bfloat16|u?int(8|16|32|64)|bool|q[u]?int(8|32)|per_\w+_affine|strided|contiguous_format)$/,
  /^torch\.(QInt8|QUInt8|QInt32|Quantized\w*)Storage$/,
  /^torch\._utils\._rebuild_(qtensor|sparse_tensor|device_tensor_from_numpy)$/,
  /^torch\.(optim|utils\.data|distributed)\./,
  /^torch\.serialization\._get_layout$/,
];

/** Whether objects of a Python class or function, `module.name`, may stay unread. */
export const isOpaque = (path: string) => KNOWN.some((pattern) => pattern.test(path));

/** Whether a Python class may be a whole pickled model, instead of its weights. */
export const isModule = (path: string) => /^(torch\.(nn|jit)|torchvision|timm|__main__|__torch__)\b/.test(path);

/**
 * Python and PyTorch modules with functions that act outside a file. Naming one has no effect here, but no valid
 * checkpoint does.
 */
const PYTHONS =
  "os|posix|nt|ntpath|posixpath|sys|subprocess|shutil|importlib|imp|runpy|code|codeop|pty|socket|ctypes|multiprocessing|" +
  "threading|_thread|asyncio|signal|webbrowser|pickle|_pickle|marshal|shelve|builtins|__builtin__|operator|_operator|" +
  "types|inspect|gc|io|_io|tempfile|http|urllib|requests";
const TORCHS = "hub|serialization|package|utils|_utils|_tensor|storage|_C|_dynamo|_inductor|multiprocessing|cuda";
const HARMFUL = new RegExp(`^(|torch|(${PYTHONS}|torch\\.(${TORCHS}))(\\..*)?)$`);

export const isHarmful = (module: string) => HARMFUL.test(module);
