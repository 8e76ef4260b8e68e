/** Key of the session in a session file's metadata, which is at the start of the file. */
export const SESSION_KEY = "mobilenets_playground_session";

/** Whether a file is a session of the teaching view, by its first bytes. */
export async function isSessionFile(file: Blob): Promise<boolean> {
  const beginning = await file.slice(0, 200).text();
  return beginning.includes(`"${SESSION_KEY}"`);
}
