// One shop with everything around it that a reset renews. The server keeps one; POST /_sim/reset puts a fresh one in its place.

import { Auth } from './auth.js';
import { Clock } from './clock.js';
import { Faults } from './faults.js';
import { Idempotency } from './idempotency.js';
import { levelAt } from './inventory.js';
import { Journal } from './journal.js';
import { RestOrders } from './rest.js';
import { State } from './state.js';
import { Stats } from './stats.js';
import { Throttle } from './throttle.js';

// Shopify cancels an order a moment after it answered.
const jobDefaults = { delay_ms: 1000 };

export class Simulation {
  constructor(options) {
    this.options = options;
    this.clock = new Clock();
    this.state = new State(this.clock);
    this.journal = new Journal(this.clock);
    this.idempotency = new Idempotency(this.clock);
    this.throttle = new Throttle(this.clock, options.throttle);
    this.auth = new Auth(this.clock, options);
    this.faults = new Faults();
    this.stats = new Stats();
    this.rest = new RestOrders();
    this.settings = { jobs: { ...jobDefaults } };
  }

  context(request) {
    return { state: this.state, journal: this.journal, idempotency: this.idempotency, settings: this.settings, request };
  }

  // Somebody else sells or counts between a client's read and its write: every level that the mutation names moves by `delta`.
  disturb({ variables, operation }, delta) {
    const named = new Set();
    const collect = (value) => {
      if (Array.isArray(value)) {
        value.forEach(collect);
      } else if (value && typeof value === 'object') {
        const level = value.inventoryItemId && levelAt(this.state, value.inventoryItemId, value.locationId);
        if (level) {
          named.add(level);
        }
        Object.values(value).forEach(collect);
      }
    };
    collect(variables);
    for (const level of named) {
      level.available += delta;
      this.state.touch(level);
      this.journal.note('somebody_else', { level: level.id, delta, before: operation.selectionSet.selections[0].name.value });
    }
  }

  dump() {
    return {
      now: this.clock.timestamp(),
      ...this.state.dump(),
      levels: this.state.sorted('InventoryLevel').map((level) => ({
        id: level.id, location: level.location, item: level.item, sku: this.state.get(level.item).sku, available: level.available,
        committed: level.committed, on_hand: level.available + level.committed, updatedAt: level.updatedAt,
      })),
      journal: this.journal.entries,
      idempotency_keys: this.idempotency.dump(),
    };
  }
}
