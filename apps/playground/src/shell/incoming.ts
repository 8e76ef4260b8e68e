/** Files that come by drop or paste, wherever on the page; of a folder, all that it holds. */
export function watchFiles(take: (files: readonly File[]) => void): void {
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
    if (event.dataTransfer) take(await filesOf(event.dataTransfer));
  });
  window.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (files.length > 0) take(files);
  });
}

async function filesOf(transfer: DataTransfer): Promise<readonly File[]> {
  // The list is emptied when the event is over: entries are taken before anything is awaited.
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? []);
  if (entries.length === 0) return [...transfer.files];
  return (await Promise.all(entries.map(filesIn))).flat();
}

async function filesIn(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((done, failed) => (entry as FileSystemFileEntry).file(done, failed))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  // A reader gives a hundred at a time, and nothing at the end.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((done, failed) => reader.readEntries(done, failed));
    if (some.length === 0) return files;
    files.push(...(await Promise.all(some.map(filesIn))).flat());
  }
}
