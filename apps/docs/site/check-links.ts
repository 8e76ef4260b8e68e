import { LinkChecker, LinkState } from "linkinator";

/**
 * Follows every link of the built site, to the heading it names.
 * @returns how many there are
 * @throws Error with those that lead nowhere
 */
export async function checkLinks(folder: string): Promise<number> {
  const checker = new LinkChecker();
  const { links } = await checker.check({
    path: "**/*.html",
    serverRoot: folder,
    checkFragments: true,
    concurrency: 20,
    // Other people's sites may be down.
    linksToSkip: ["^https?://(?!localhost)", "^data:"],
  });
  const broken = links.filter(({ state }) => state === LinkState.BROKEN);
  if (broken.length > 0) {
    throw new Error(broken.map(({ url, parent, status }) => `${parent}: ${url} (${status})`).join("\n"));
  }
  const followed = links.filter(({ state }) => state === LinkState.OK).length;
  if (followed < 100) throw new Error(`only ${followed} links in ${folder}`);
  return followed;
}
