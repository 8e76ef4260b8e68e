/** Cases that are not right yet, with the fault of today. */
export const notRead: ReadonlyMap<string, RegExp> = new Map([
  ["cmyk.jpg", /^pixel is /],
  ["heic.heic", /./],
]);
