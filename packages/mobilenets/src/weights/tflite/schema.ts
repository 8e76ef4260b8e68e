/**
 * The parts of TensorFlow Lite's schema, version 3, that MobileNets need, with the schema's names and numbers
 * (tensorflow/compiler/mlir/lite/schema/schema.fbs).
 */

/** Bytes 4 to 7 of every file. */
export const FILE_IDENTIFIER = "TFL3";
export const SCHEMA_VERSION = 3;

/** Numbers of the fields of each table. */
export const MODEL = { version: 0, operatorCodes: 1, subgraphs: 2, description: 3, buffers: 4, metadata: 6 };
export const OPERATOR_CODE = { deprecatedCode: 0, customCode: 1, version: 2, code: 3 };
export const SUBGRAPH = { tensors: 0, inputs: 1, outputs: 2, operators: 3, name: 4 };
export const TENSOR = { shape: 0, type: 1, buffer: 2, name: 3, quantization: 4, shapeSignature: 7 };
export const QUANTIZATION = { scale: 2, zeroPoint: 3, dimension: 6 };
export const OPERATOR = { code: 0, inputs: 1, outputs: 2, optionsType: 3, options: 4 };
export const BUFFER = { data: 0 };
export const METADATA = { name: 0, buffer: 1 };

/** TensorType */
export const TYPE = { float32: 0, float16: 1, int32: 2, uint8: 3, int64: 4, int16: 7, int8: 9 };
export type TypeName = keyof typeof TYPE;

/** BuiltinOperator */
export const CODE = {
  ADD: 0,
  AVERAGE_POOL_2D: 1,
  CONCATENATION: 2,
  CONV_2D: 3,
  DEPTHWISE_CONV_2D: 4,
  DEQUANTIZE: 6,
  FULLY_CONNECTED: 9,
  L2_NORMALIZATION: 11,
  LOGISTIC: 14,
  MAX_POOL_2D: 17,
  MUL: 18,
  RELU: 19,
  RELU_N1_TO_1: 20,
  RELU6: 21,
  RESHAPE: 22,
  RESIZE_BILINEAR: 23,
  SOFTMAX: 25,
  TANH: 28,
  PAD: 34,
  MEAN: 40,
  SUB: 41,
  DIV: 42,
  SQUEEZE: 43,
  STRIDED_SLICE: 45,
  EXP: 47,
  LOG_SOFTMAX: 50,
  PRELU: 54,
  MAXIMUM: 55,
  MINIMUM: 57,
  NEG: 59,
  PADV2: 60,
  SLICE: 65,
  LOG: 73,
  SUM: 74,
  SQRT: 75,
  RSQRT: 76,
  SHAPE: 77,
  REDUCE_MAX: 82,
  PACK: 83,
  SQUARE: 92,
  RESIZE_NEAREST_NEIGHBOR: 97,
  LEAKY_RELU: 98,
  SQUARED_DIFFERENCE: 99,
  ELU: 111,
  QUANTIZE: 114,
  HARD_SWISH: 117,
  GELU: 150,
};
export type OpName = keyof typeof CODE;

/** Largest code of the old 8-bit field for operator codes; larger ones are only in the new field. */
export const MAX_DEPRECATED_CODE = 127;

/** BuiltinOptions, the tag of a union, for the operators with a table of options. */
export const OPTIONS_TYPE: Partial<Record<OpName, number>> = {
  CONV_2D: 1,
  DEPTHWISE_CONV_2D: 2,
  AVERAGE_POOL_2D: 5,
  MAX_POOL_2D: 5,
  FULLY_CONNECTED: 8,
  SOFTMAX: 9,
  CONCATENATION: 10,
  ADD: 11,
  RESIZE_BILINEAR: 15,
  RESHAPE: 17,
  MUL: 21,
  PAD: 22,
  MEAN: 27,
  REDUCE_MAX: 27,
  SUM: 27,
  SUB: 28,
  DIV: 29,
  RESIZE_NEAREST_NEIGHBOR: 74,
  LEAKY_RELU: 75,
  GELU: 116,
};

/** Padding */
export const PADDING = { same: 0, valid: 1 };

/** ActivationFunctionType */
export const FUSED = { NONE: 0, RELU: 1, RELU_N1_TO_1: 2, RELU6: 3 };

/** Numbers of the fields of each operator's options. */
export const CONV_OPTIONS = { padding: 0, strideW: 1, strideH: 2, fused: 3, dilationW: 4, dilationH: 5 };
export const DEPTHWISE_OPTIONS = {
  padding: 0,
  strideW: 1,
  strideH: 2,
  multiplier: 3,
  fused: 4,
  dilationW: 5,
  dilationH: 6,
};
export const POOL_OPTIONS = { padding: 0, strideW: 1, strideH: 2, filterW: 3, filterH: 4, fused: 5 };
export const DENSE_OPTIONS = { fused: 0, weightsFormat: 1, keepDims: 2 };
/** ADD, SUB, MUL, DIV */
export const ARITHMETIC_OPTIONS = { fused: 0 };
export const SOFTMAX_OPTIONS = { beta: 0 };
export const REDUCER_OPTIONS = { keepDims: 0 };
export const CONCATENATION_OPTIONS = { axis: 0, fused: 1 };
export const L2_NORMALIZATION_OPTIONS = { fused: 0 };
/** Fields 0 and 1 are old sizes, which are an input now. */
export const RESIZE_BILINEAR_OPTIONS = { alignCorners: 2, halfPixelCenters: 3 };
export const RESIZE_NEAREST_OPTIONS = { alignCorners: 0, halfPixelCenters: 1 };
export const LEAKY_RELU_OPTIONS = { alpha: 0 };
export const GELU_OPTIONS = { approximate: 0 };
/** Masks with a bit per axis. */
export const STRIDED_SLICE_OPTIONS = { beginMask: 0, endMask: 1, ellipsisMask: 2, newAxisMask: 3, shrinkAxisMask: 4 };

/** Name of our metadata in a file: network, options, preprocessing and labels as one JSON object of texts. */
export const METADATA_NAME = "mobilenets";
