/** A tab's content. */
export interface View {
  readonly element: HTMLElement;
  /**
   * Takes files that were dropped or pasted while it is shown.
   * @param at where on the page they were dropped
   */
  take?(files: readonly File[], at?: Element): void;
  shown?(): void;
  hidden?(): void;
}
