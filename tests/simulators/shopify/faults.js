// Faults on order: what goes wrong with the next matching request, and how often.
//
// A fault is { kind, match: { operation, count, skip }, ... }. `operation` is a root field (fulfillmentCreate), the operation's own name,
// or access_token for the token endpoint, orders.json for REST; none matches every GraphQL request. It strikes `count` times (1; null: for ever) after letting
// `skip` matching requests pass. Further:
//   refuse            the connection is reset without a byte
//   hang              no answer; `apply`: it is carried out all the same
//   die_before_apply  the connection is closed, nothing is carried out
//   die_after_apply   it is carried out, the connection is closed
//   truncate          it is carried out, half of the answer comes
//   status            `status` (503), `headers`, `body` (text or JSON) instead of the answer; `apply`
//   throttled_200, throttled_429  refused as by an empty bucket
//   slow              carried out and answered after `delay_ms` (1000); `apply`: carried out at once, answered later
//   failed_key        as if a request with its idempotency key had failed before: IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED
//   stale             every level that the mutation names moves by `delta` (-1) before it is carried out

const faultKinds = {
  refuse: [],
  hang: ['apply'],
  die_before_apply: [],
  die_after_apply: [],
  truncate: [],
  status: ['status', 'headers', 'body', 'apply'],
  throttled_200: [],
  throttled_429: [],
  slow: ['delay_ms', 'apply'],
  failed_key: [],
  stale: ['delta'],
};

export const tokenOperation = 'access_token';
export const ordersOperation = 'orders.json';
const otherOperations = [tokenOperation, ordersOperation];
const graphqlOnly = ['throttled_200', 'throttled_429', 'failed_key', 'stale'];

export class FaultError extends Error {}

export class Faults {
  #ordered = [];
  #held = new Set();
  #next = 1;

  order({ kind, match = {}, ...options }) {
    const { operation = null, count = 1, skip = 0, ...rest } = match;
    const unknown = Object.keys(rest)[0] ?? Object.keys(options).find((name) => !faultKinds[kind]?.includes(name));
    if (!faultKinds[kind] || unknown) {
      throw new FaultError(faultKinds[kind] ? `a fault ${kind} has no "${unknown}"` : `no fault of kind ${JSON.stringify(kind)}`);
    }
    if (otherOperations.includes(operation) && graphqlOnly.includes(kind)) {
      throw new FaultError(`a fault ${kind} cannot strike ${operation}`);
    }
    const fault = { id: this.#next, kind, operation, left: count, skip, struck: 0, options };
    this.#next += 1;
    this.#ordered.push(fault);
    return fault;
  }

  // The fault that strikes a request with these names, counted as struck; null where none does.
  take(names) {
    for (const fault of this.#ordered) {
      const meant = fault.operation === null ? !names.some((name) => otherOperations.includes(name)) : names.includes(fault.operation);
      if (fault.left === 0 || !meant) {
        continue;
      }
      if (fault.skip > 0) {
        fault.skip -= 1;
        continue;
      }
      fault.left = fault.left === null ? null : fault.left - 1;
      fault.struck += 1;
      return fault;
    }
    return null;
  }

  // Resolves when the faults are cleared, or with `gone` when the other side gives up first: for requests that hang.
  async hold(gone) {
    let release;
    const cleared = new Promise((resolve) => {
      release = resolve;
      this.#held.add(release);
    });
    await Promise.race([cleared, gone]);
    this.#held.delete(release);
  }

  held() {
    return this.#held.size;
  }

  clear() {
    this.#ordered = [];
    for (const resolve of this.#held) {
      resolve();
    }
    this.#held.clear();
  }

  list() {
    return this.#ordered;
  }
}
