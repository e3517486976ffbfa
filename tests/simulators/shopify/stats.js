// Counts of what arrived at the GraphQL endpoint.

export class Stats {
  #roots = {};
  #statuses = {};
  #concurrent = 0;
  #maximum = 0;
  #requests = 0;
  #unanswered = 0;

  begin() {
    this.#requests += 1;
    this.#concurrent += 1;
    this.#maximum = Math.max(this.#maximum, this.#concurrent);
  }

  saw(roots) {
    for (const root of roots) {
      this.#roots[root] = (this.#roots[root] ?? 0) + 1;
    }
  }

  // `status` is null where the connection went without a whole answer.
  end(status) {
    this.#concurrent -= 1;
    if (status === null) {
      this.#unanswered += 1;
    } else {
      this.#statuses[status] = (this.#statuses[status] ?? 0) + 1;
    }
  }

  report(throttled, held) {
    return { requests: this.#requests, roots: this.#roots, statuses: this.#statuses, unanswered: this.#unanswered, throttled,
      concurrent: this.#concurrent, max_concurrent: this.#maximum, held };
  }
}
