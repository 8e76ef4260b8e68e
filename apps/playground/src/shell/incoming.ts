/** The folder of each dropped file; files of a dialogue have it themselves. */
const folders = new WeakMap<File, string>();

/** Name of a file's folder, if it came in one. */
export function folderOf(file: File): string | undefined {
  return folders.get(file) ?? file.webkitRelativePath.split("/").at(-2);
}

/** Watches for files dropped or pasted anywhere on the page; a folder gives all its files. */
export function watchFiles(take: (files: readonly File[], at?: Element) => void): void {
  const { body } = document;
  window.addEventListener("dragover", (event) => {
    event.preventDefault();
    body.classList.add("dropping");
  });
  window.addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) body.classList.remove("dropping");
  });
  window.addEventListener("drop", async (event) => {
    event.preventDefault();
    body.classList.remove("dropping");
    const at = event.target instanceof Element ? event.target : undefined;
    if (event.dataTransfer) take(await filesOf(event.dataTransfer), at);
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) take(files);
  });
}

async function filesOf(transfer: DataTransfer): Promise<readonly File[]> {
  // The list is emptied after the event: entries are taken before the first await.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files];
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed));
    const folder = entry.fullPath.split("/").at(-2);
    if (folder) folders.set(file, folder);
    return [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader gives a hundred entries at a time, and none at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return files;
    files.push(...(await Promise.all(some.map(filesIn))).flat());
  }
}
