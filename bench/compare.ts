import { contest, type Order, type RemoteSeat } from "./contest.ts";
import type { Options } from "./options.ts";
import { comparison, type Score, scaling, undisturbed, widening } from "./report.ts";

/** Runs one contest per network, with all contenders and numbers of threads, and prints each round's ratios. */
export async function compare(options: Options, take: (order: Order) => Promise<RemoteSeat>): Promise<Score[]> {
  const scores: Score[] = [];
  for (const network of options.networks) {
    const orders = ordersFor(options, network);
    const seats: RemoteSeat[] = [];
    try {
      for (const order of orders) seats.push(await take(order));
      const turns = await contest(seats, options.pace, (times) => console.log(round(orders, times)));
      orders.forEach(({ contender, threads }, i) => {
        scores.push({ network, contender, threads, actualThreads: seats[i].threads, turns: turns[i] });
      });
    } finally {
      await Promise.all(seats.map((seat) => seat.close()));
    }
  }
  return scores;
}

function ordersFor({ contenders, threads }: Options, network: string): Order[] {
  return threads.flatMap((count) => {
    const names = count > 1 ? [...contenders, "ours-batch"] : contenders;
    return names.map((contender) => ({ contender, network, threads: count }));
  });
}

function round(orders: readonly Order[], times: readonly number[]): string {
  const cells = orders.map(({ contender, threads }, i) => {
    const base = times[orders.findIndex((order) => order.contender === "ours" && order.threads === threads)];
    const ratio = contender === "ours" ? "" : ` ${(times[i] / base).toFixed(2)}x`;
    return `${contender}/${threads} ${times[i].toFixed(2)}${ratio}`;
  });
  return `${orders[0].network}: ${cells.join("  ")}`;
}

/** The tables for `docs/benchmarks.md`: medians over the rounds, and each contender's fastest turn. */
export function tables(options: Options, scores: readonly Score[]): string {
  const fastest = undisturbed(scores);
  return options.threads
    .flatMap((threads) => {
      const title = threads === 1 ? "1 thread" : `${threads} threads`;
      return [
        ...section(title, comparison(scores, threads), comparison(fastest, threads)),
        ...section(`V8's staged 256 bits, ${title}`, widening(scores, threads), widening(fastest, threads)),
        ...section(`Ours on ${title}`, scaling(scores, threads), scaling(fastest, threads)),
      ];
    })
    .join("\n\n");
}

function section(title: string, medians: string | undefined, fastest: string | undefined): string[] {
  return medians && fastest ? [`### ${title}`, medians, "Fastest turns:", fastest] : [];
}
