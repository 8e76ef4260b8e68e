import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";

/** The metrics for Prometheus. Each server has a registry of its own, so several can run in a process. */
export class Metrics {
  readonly registry = new Registry();
  readonly requests = new Counter({
    name: "mobilenets_requests_total",
    help: "Requests answered",
    labelNames: ["route", "status"] as const,
    registers: [this.registry],
  });
  readonly seconds = new Histogram({
    name: "mobilenets_request_seconds",
    help: "Time from the headers of a request to the end of its answer",
    labelNames: ["route"] as const,
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    registers: [this.registry],
  });
  readonly batches = new Histogram({
    name: "mobilenets_batch_pictures",
    help: "Pictures in a batch",
    buckets: [1, 2, 4, 8, 16, 32, 64],
    registers: [this.registry],
  });

  /** @param queued returns the number of pictures that wait or run */
  constructor(queued: () => number) {
    collectDefaultMetrics({ register: this.registry });
    new Gauge({
      name: "mobilenets_queue_pictures",
      help: "Pictures taken and not answered yet",
      registers: [this.registry],
      collect() {
        this.set(queued());
      },
    });
  }
}
