/** What commands that answer picture by picture take; `walkEach` and `openPicture` make it true. */
export const PICTURES = "files, folders, globs, http(s) addresses, or - for one picture on standard input";
