/** A tab's content. */
export interface View {
  readonly element: HTMLElement;
  /**
   * Takes files dropped or pasted while the view is shown.
   * @param at the element on which they were dropped
   */
  take?(files: readonly File[], at?: Element): void;
  shown?(): void;
  hidden?(): void;
}
