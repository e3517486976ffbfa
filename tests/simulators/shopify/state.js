// What the shop holds, in memory: one table for each GraphQL type, keyed by global id. Records refer to each other by id.

import { compareIds, gid, parseGid, typeOf } from './gid.js';

// Made-up ids start above 2^53 and are odd, so that a client that reads them through a double gets a wrong one.
const firstNumber = 9007199254740993n;

export class State {
  #tables = new Map();
  #next = firstNumber;

  constructor(clock) {
    this.clock = clock;
    this.shop = { __typename: 'Shop', id: gid('Shop', '92891250994'), name: 'Sluice Test Shop', currencyCode: 'EUR',
      myshopifyDomain: 'sluice-test.myshopify.com' };
  }

  newId(type) {
    let id;
    do {
      id = gid(type, String(this.#next));
      this.#next += 2n;
    } while (this.get(id));
    return id;
  }

  add(record) {
    const type = record.__typename;
    if (typeOf(record.id) !== type) {
      throw new Error(`${record.id} is no id of a ${type}`);
    }
    if (!this.#tables.has(type)) {
      this.#tables.set(type, new Map());
    }
    if (this.#tables.get(type).has(record.id)) {
      throw new Error(`${record.id} is there already`);
    }
    this.#tables.get(type).set(record.id, record);
    return record;
  }

  get(id) {
    return this.#tables.get(typeOf(id))?.get(id);
  }

  all(type) {
    return [...(this.#tables.get(type)?.values() ?? [])];
  }

  sorted(type) {
    return this.all(type).sort((left, right) => compareIds(left.id, right.id));
  }

  // What a caller names by id: null where there is none, as Shopify answers; undefined where the id is of another type.
  lookUp(type, id) {
    return parseGid(id)?.type === type ? this.get(id) ?? null : undefined;
  }

  touch(record) {
    record.updatedAt = this.clock.timestamp();
  }

  dump() {
    const tables = {};
    for (const type of [...this.#tables.keys()].sort()) {
      tables[type] = this.sorted(type);
    }
    return { shop: this.shop, ...tables };
  }
}
