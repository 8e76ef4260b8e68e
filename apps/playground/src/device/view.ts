import { element } from "../dom.ts";
import { say, sayLabel } from "../language.ts";
import type { Session } from "../session.ts";
import { makeBusy } from "../shell/busy.ts";
import { notify } from "../shell/notices.ts";
import type { View } from "../shell/view.ts";
import type { Key } from "../strings.ts";
import { isFailure } from "../worker/api.ts";
import type { DeviceFacts } from "../worker/device/api.ts";
import { published } from "./published.ts";
import "./style.css";

/** Factor above which arithmetic is certainly widened: measured 1.0 without and 1.5 to 2 with. */
const WIDENED = 1.25;

const digits = (milliseconds: number) => milliseconds.toPrecision(milliseconds < 100 ? 3 : 4);

/** The browser's means of computing, and the time of each network beside the published one. */
export function deviceView(session: Session): View {
  const { client } = session;
  const facts = element("dl", { class: "facts-list" }, say(element("dt"), "finding"));
  const busy = makeBusy();
  const start = say(element("button", { type: "button", class: "main", onclick: () => measure() }), "measure");
  const body = element("tbody");
  const more = element("th", { scope: "col" });
  const table = element(
    "table",
    { class: "times" },
    element(
      "thead",
      {},
      element(
        "tr",
        {},
        say(element("th", { scope: "col" }), "network"),
        say(element("th", { scope: "col" }), "oneThread"),
        more,
        say(element("th", { scope: "col" }), "publishedOne"),
        say(element("th", { scope: "col" }), "publishedTwo"),
      ),
    ),
    body,
  );
  const cells = new Map<string, HTMLElement>();

  function fact(key: Key, value: Key, values = {}): HTMLElement[] {
    return [say(element("dt"), key), say(element("dd"), value, values)];
  }

  function showFacts(found: DeviceFacts): void {
    const { threads, processors, widening } = found;
    const yesOrNo = (has: boolean) => (has ? "yes" : "no");
    facts.replaceChildren(
      ...fact("has.simd", yesOrNo(found.simd)),
      ...fact("has.relaxedSimd", yesOrNo(found.relaxedSimd)),
      ...fact("has.dotProduct", `dot.${found.dotProduct}`),
      ...fact("has.threads", found.isolated ? "threadsFound" : "threadsNone", { threads, processors }),
      ...fact("has.widening", widening > WIDENED ? "wideningYes" : "wideningNo", { times: widening.toFixed(2) }),
    );
  }

  async function begin(): Promise<void> {
    const found = await client.deviceFacts();
    if (isFailure(found)) return notify("badMeasurement", { network: "WebAssembly", error: found.error });
    showFacts(found);
    const planned = await client.measurements(found.threads);
    more.hidden = found.threads === 1;
    say(more, "moreThreads", { threads: found.threads });
    body.replaceChildren(
      ...[...new Set(planned.map(({ network }) => network))].map((network) => {
        const cell = (threads: number) => {
          const made = element("td", {}, "–");
          cells.set(`${network} ${threads}`, made);
          return made;
        };
        const [one, two] = published[network] ?? [];
        return element(
          "tr",
          {},
          element("th", { scope: "row" }, network),
          cell(1),
          ...(found.threads > 1 ? [cell(found.threads)] : []),
          element("td", { class: "faint" }, one === undefined ? "–" : String(one)),
          element("td", { class: "faint" }, two === undefined ? "–" : String(two)),
        );
      }),
    );
    start.disabled = false;
  }

  async function measure(): Promise<void> {
    start.disabled = true;
    const threads = await client.deviceFacts();
    const planned = isFailure(threads) ? [] : await client.measurements(threads.threads);
    await busy.during(async (signal, tell) => {
      tell(0, planned.length, "measured");
      for (const [i, { network, threads: count }] of planned.entries()) {
        if (signal.aborted) break;
        const time = await client.timeOf(network, count);
        tell(i + 1, planned.length, "measured");
        if (isFailure(time)) notify("badMeasurement", { network, error: time.error });
        else cells.get(`${network} ${count}`)!.textContent = digits(time.milliseconds);
      }
    });
    start.disabled = false;
  }

  start.disabled = true;
  begin();
  const scroll = sayLabel(element("div", { class: "times-scroll", tabindex: "0", role: "region" }, table), "times");
  return {
    element: element(
      "div",
      { class: "device" },
      say(element("p", { class: "prose" }), "deviceText"),
      say(element("h2"), "found"),
      facts,
      say(element("h2"), "times"),
      element("div", { class: "actions" }, start, busy.element),
      scroll,
      say(element("p", { class: "faint prose" }), "timesText"),
    ),
  };
}
