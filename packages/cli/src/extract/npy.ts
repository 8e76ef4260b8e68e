/**
 * The NumPy array format, version 1.0, for float32 matrices in C order that grow by rows. The header has a fixed size,
 * so its row count can be updated in place.
 * https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html
 */
export const NPY_HEADER_BYTES = 128;

const MAGIC = "\x93NUMPY\x01\x00";
const PREFIX = MAGIC.length + 2;

/** Header of a matrix of shape `(rows, columns)`. The data follow directly, little-endian. */
export function npyHeader(rows: number, columns: number): Buffer {
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const header = Buffer.alloc(NPY_HEADER_BYTES, " ");
  header.write(MAGIC, "latin1");
  header.writeUInt16LE(NPY_HEADER_BYTES - PREFIX, MAGIC.length);
  header.write(dictionary, PREFIX, "latin1");
  header.write("\n", NPY_HEADER_BYTES - 1, "latin1");
  return header;
}
