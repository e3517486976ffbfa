// The bucket of points. A query needs its requested cost to start and pays its actual one; what is paid comes back at the restore rate.

// As a development store was seen to report them; a plan's numbers are read from extensions.cost, never assumed.
const throttleDefaults = { maximum_available: 2000, restore_rate: 100, max_query_cost: 1000, form: 200 };

const documentation = 'https://shopify.dev/api/usage/rate-limits';

export class Throttle {
  #available;
  #at;

  constructor(clock, options = {}) {
    this.clock = clock;
    this.throttled = 0;
    this.options = { ...throttleDefaults };
    this.configure(options);
  }

  configure({ currently_available: available, ...options }) {
    Object.assign(this.options, options);
    this.#available = available ?? this.options.maximum_available;
    this.#at = this.clock.now();
  }

  // Points that are there now. A clock that was set back restores nothing.
  available() {
    const { maximum_available: maximum, restore_rate: rate } = this.options;
    const now = this.clock.now();
    this.#available = Math.min(maximum, this.#available + Math.max(0, now - this.#at) / 1000 * rate);
    this.#at = now;
    return this.#available;
  }

  // Null where the query may run, otherwise the refusal.
  refusalFor(requested) {
    if (requested > this.options.max_query_cost) {
      return this.#tooDear(requested);
    }
    return requested > this.available() ? this.refuse(requested, this.options.form) : null;
  }

  pay(actual) {
    this.#available = this.available() - actual;
  }

  report(requested, actual) {
    return {
      requestedQueryCost: requested,
      actualQueryCost: actual,
      throttleStatus: {
        maximumAvailable: this.options.maximum_available, currentlyAvailable: Math.max(0, Math.floor(this.available())),
        restoreRate: this.options.restore_rate,
      },
    };
  }

  // Which HTTP status a throttled query has is not documented: both are on order.
  refuse(requested, form) {
    this.throttled += 1;
    const seconds = Math.max(1, Math.ceil((requested - this.available()) / this.options.restore_rate));
    return {
      status: form,
      headers: form === 429 ? { 'retry-after': `${seconds}.0` } : {},
      body: {
        errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED', documentation } }],
        extensions: { cost: this.report(requested, null) },
      },
    };
  }

  #tooDear(requested) {
    const maximum = this.options.max_query_cost;
    return {
      status: 200,
      headers: {},
      body: {
        errors: [{
          message: `Query cost is ${requested}, which exceeds the single query max cost limit (${maximum}).`,
          extensions: { code: 'MAX_COST_EXCEEDED', cost: requested, maxCost: maximum, documentation },
        }],
      },
    };
  }
}
