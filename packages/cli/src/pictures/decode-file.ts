import { ImageError, type Picture, ReadError, toPicture } from "mobilenets";
import { throwMachineFailure, UnreadableRow } from "./machine-error.ts";
import { readFile } from "./read-file.ts";

/**
 * Reads and decodes a regular file.
 * @throws ReadError if the file cannot be read, ImageError if it is no picture; both name the file
 * @throws MachineError for failures that the file does not cause
 */
export async function decodeFile(path: string, read = readFile): Promise<Picture> {
  try {
    return await toPicture(await read(path));
  } catch (error) {
    throwMachineFailure(path, error);
    if (error instanceof ImageError) throw new ImageError({ ...error, where: path }, { cause: error });
    throw error;
  }
}

/**
 * Makes a function that opens files by their index in a list.
 * @returns a function that throws like `decodeFile`, and MachineError if many files in a row cannot be read
 */
export function fileOpener(paths: readonly string[], decode = decodeFile): (index: number) => Promise<Picture> {
  const unreadable = new UnreadableRow();
  return async (index) => {
    const path = paths[index]!;
    try {
      const picture = await decode(path);
      unreadable.end();
      return picture;
    } catch (error) {
      if (error instanceof ReadError) unreadable.add(path, error.message);
      else unreadable.end();
      throw error;
    }
  };
}
