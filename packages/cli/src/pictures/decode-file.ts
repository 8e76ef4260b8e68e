import { ImageError, type Picture, toPicture } from "mobilenets";
import { readFile } from "./read-file.ts";

/**
 * The picture in a regular file.
 * @throws ReadError if it cannot be read, ImageError if it is no picture; both name the file
 */
export async function decodeFile(path: string): Promise<Picture> {
  const bytes = await readFile(path);
  try {
    return await toPicture(bytes);
  } catch (error) {
    if (error instanceof ImageError) throw new ImageError({ ...error, where: path }, { cause: error });
    throw error;
  }
}
