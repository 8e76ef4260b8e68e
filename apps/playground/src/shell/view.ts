/** A tab's content. */
export interface View {
  readonly element: HTMLElement;
  /** Takes files that were dropped or pasted while it is shown. */
  take?(files: readonly File[]): void;
  shown?(): void;
  hidden?(): void;
}
