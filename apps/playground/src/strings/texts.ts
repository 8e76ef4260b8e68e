/** Texts by their keys, in the page's two languages. */
export type Texts = Record<string, { readonly en: string; readonly zh: string }>;
