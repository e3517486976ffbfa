// Idempotency keys: what Shopify keeps of a request so that its repeat does no harm.
//
// Two things are not settled by the documentation, so both answers can be chosen and a client has to stand both:
//   repeat  "replay"      the first answer comes again (the documentation)
//           "reevaluate"  compare-and-set is checked again first, so the repeat of a success answers CHANGE_FROM_QUANTITY_STALE (seen
//                         on a development store in 2026-09); nothing is applied twice either way
//   failed  "replay"      the repeat of a refused request is refused in the same words
//           "previous_attempt_failed"  it answers IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED, which asks for a new key

const idempotencyDefaults = { repeat: 'replay', failed: 'replay', retention_ms: 24 * 60 * 60 * 1000 };

export class Idempotency {
  #kept = new Map();
  #inFlight = new Map();
  #spoilt = new Set();

  constructor(clock, options = {}) {
    this.clock = clock;
    this.options = { ...idempotencyDefaults, ...options };
  }

  // A request holds its keys from its arrival until it was carried out or its connection is gone.
  enter(request, keys) {
    for (const key of keys) {
      if (!this.#inFlight.has(key)) {
        this.#inFlight.set(key, request);
      }
    }
  }

  leave(request) {
    for (const [key, holder] of this.#inFlight) {
      if (holder === request) {
        this.#inFlight.delete(key);
      }
    }
  }

  // From now on these keys are those of requests that failed, whatever else is kept of them.
  spoil(keys) {
    keys.forEach((key) => this.#spoilt.add(key));
  }

  // Returns { payload, replayed }.
  run({ operation, key, values, request, apply, recheck, refusal }) {
    if (this.#inFlight.has(key) && this.#inFlight.get(key) !== request) {
      return { payload: refusal('IDEMPOTENCY_CONCURRENT_REQUEST') };
    }
    if (this.#spoilt.has(key)) {
      return { payload: refusal('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED') };
    }
    const fingerprint = canonical({ operation, values });
    const earlier = this.#find(key);
    if (!earlier) {
      const payload = apply();
      this.#kept.set(key, { fingerprint, payload, failed: payload.userErrors.length > 0, at: this.clock.now() });
      return { payload };
    }
    if (earlier.fingerprint !== fingerprint) {
      return { payload: refusal('IDEMPOTENCY_KEY_PARAMETER_MISMATCH') };
    }
    if (earlier.failed && this.options.failed === 'previous_attempt_failed') {
      return { payload: refusal('IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED') };
    }
    const stale = !earlier.failed && this.options.repeat === 'reevaluate' ? recheck() : null;
    return stale ? { payload: stale } : { payload: earlier.payload, replayed: true };
  }

  dump() {
    return [...this.#kept].map(([key, { fingerprint, failed, at }]) => ({ key, parameters: JSON.parse(fingerprint), failed, at }));
  }

  #find(key) {
    const entry = this.#kept.get(key);
    if (entry && entry.at + this.options.retention_ms <= this.clock.now()) {
      this.#kept.delete(key);
      return undefined;
    }
    return entry;
  }
}

// The same text for the same parameters, in whatever order their names came.
function canonical(value) {
  return JSON.stringify(value, (_, held) => (held && typeof held === 'object' && !Array.isArray(held)
    ? Object.fromEntries(Object.entries(held).sort(([left], [right]) => (left < right ? -1 : 1)))
    : held));
}
