/** Help text for the inputs of commands that answer per picture. `walkEach` and `openPicture` read them. */
export const PICTURES = "files, folders, globs, http(s) addresses, or - for one picture on standard input";
