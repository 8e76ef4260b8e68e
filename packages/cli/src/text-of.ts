import { constants } from "node:buffer";
import { OptionError } from "mobilenets";

/**
 * Decodes UTF-8, or UTF-16 with a byte order mark, which spreadsheets and Windows' shell write.
 * @param where name of the file, for errors
 * @throws OptionError for bytes that are neither
 */
export function textOf(bytes: Uint8Array, where: string): string {
  const encoding =
    bytes[0] === 0xff && bytes[1] === 0xfe ? "utf-16le" : bytes[0] === 0xfe && bytes[1] === 0xff ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch (cause) {
    if (bytes.length > constants.MAX_STRING_LENGTH) {
      const [size, most] = [bytes.length, constants.MAX_STRING_LENGTH].map((length) => Math.ceil(length / 1e6));
      throw new OptionError({ where, found: `${size} MB of text`, expected: `at most ${most} MB`, hint: "split it" });
    }
    throw new OptionError(
      { where, found: `a text that is not ${encoding.toUpperCase()}`, hint: "save it as UTF-8" },
      { cause },
    );
  }
}
