/** Under what name a session file's metadata has the session; the first thing in the file. */
export const SESSION_KEY = "mobilenets_playground_session";

/** Whether a file is a session of the view that teaches, by its beginning. */
export async function isSessionFile(file: Blob): Promise<boolean> {
  const beginning = await file.slice(0, 200).text();
  return beginning.includes(`"${SESSION_KEY}"`);
}
