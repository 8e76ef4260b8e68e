import { ImageError, type Picture, ReadError, toPicture } from "mobilenets";
import { throwMachineFailure, UnreadableRow } from "./machine-error.ts";
import { readFile } from "./read-file.ts";

/**
 * The picture in a regular file.
 * @throws ReadError if it cannot be read, ImageError if it is no picture; both name the file
 * @throws MachineError for what is not the file's fault
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
 * Opens files by their place in a list.
 * @returns a function that throws as `decodeFile` does, and MachineError where many in a row cannot be read
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
