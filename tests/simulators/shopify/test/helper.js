// A simulator on a free port for one test, and what the tests say to it.

import { Server } from '../server.js';
import { loadSchema } from '../schema.js';

export const schema = loadSchema();
export const token = 'shpat_test';
export const location = 'gid://shopify/Location/655441491';
export const item = 'gid://shopify/InventoryItem/49148385';
export const orderId = 'gid://shopify/Order/820982911946154508';

// A frozen clock: nothing here depends on how fast the machine is.
export async function start(t, options = {}) {
  const server = new Server({ token, schema, ...options });
  const port = await server.listen(0);
  t.after(() => server.close());
  const simulator = new Client(port);
  await simulator.control('POST', 'clock', { set: '2026-11-24T12:00:00Z' });
  return simulator;
}

// One product of three in stock, one order of two of them.
export async function startWithOrder(t, options = {}) {
  const simulator = await start(t, options);
  await simulator.seed({
    locations: [{ id: location, name: 'Main warehouse' }],
    products: [{ id: '632910392', title: 'Lamp', variants: [{ id: '808950810', sku: 'LAMP-1', inventoryItem: { id: item } }] }],
    levels: [{ location, sku: 'LAMP-1', available: 5 }],
    orders: [{ id: orderId, name: '#1001', email: 'jon@example.com',
      lineItems: [{ id: '866550311766439020', sku: 'LAMP-1', quantity: 2 }] }],
  });
  return simulator;
}

export class Client {
  constructor(port) {
    this.base = `http://127.0.0.1:${port}`;
  }

  post(path, body, headers = {}) {
    return fetch(this.base + path, { method: 'POST', body, headers });
  }

  raw(query, variables, headers = {}) {
    return this.post('/admin/api/2026-10/graphql.json', JSON.stringify({ query, variables }),
      { 'content-type': 'application/json', 'x-shopify-access-token': token, ...headers });
  }

  async ask(query, variables) {
    const response = await this.raw(query, variables);
    return { status: response.status, headers: response.headers, ...await response.json() };
  }

  // The data, where there is to be nothing else.
  async data(query, variables) {
    const { status, data, errors } = await this.ask(query, variables);
    if (status !== 200 || errors) {
      throw new Error(`${status} ${JSON.stringify(errors)}`);
    }
    return data;
  }

  async control(method, name, body) {
    const response = await fetch(`${this.base}/_sim/${name}`, { method, body: body === undefined ? undefined : JSON.stringify(body) });
    const answer = await response.json();
    if (response.status !== 200) {
      throw new Error(`${response.status} ${JSON.stringify(answer)}`);
    }
    return answer;
  }

  seed(body) {
    return this.control('POST', 'seed', body);
  }

  fault(body) {
    return this.control('POST', 'faults', body);
  }

  dump() {
    return this.control('GET', 'dump');
  }

  stats() {
    return this.control('GET', 'stats');
  }

  // Resolves once `ready` says yes of the statistics; the other side of the connection sets the pace, not a timer.
  async until(ready) {
    for (;;) {
      const stats = await this.stats();
      if (ready(stats)) {
        return stats;
      }
    }
  }

  async fulfillmentOrder() {
    const { order } = await this.data(`query ($id: ID!) { order(id: $id) { fulfillmentOrders(first: 1) { nodes {
      id status lineItems(first: 5) { nodes { id remainingQuantity totalQuantity } } } } } }`, { id: orderId });
    return order.fulfillmentOrders.nodes[0];
  }

  fulfil(fulfillment) {
    return this.data(fulfilDocument, { fulfillment }).then((data) => data.fulfillmentCreate);
  }

  set(quantities, { key = 'key-1', name = 'available', reason = 'correction' } = {}) {
    return this.data(setDocument, { input: { name, reason, quantities }, key }).then((data) => data.inventorySetQuantities);
  }

  adjust(changes, { key = 'key-1', name = 'available', reason = 'correction' } = {}) {
    return this.data(adjustDocument, { input: { name, reason, changes }, key }).then((data) => data.inventoryAdjustQuantities);
  }

  async quantities() {
    const { inventoryItem } = await this.data(`query ($item: ID!, $location: ID!) { inventoryItem(id: $item) {
      inventoryLevel(locationId: $location) { quantities(names: ["available", "committed", "on_hand"]) { name quantity } } } }`,
    { item, location });
    return Object.fromEntries(inventoryItem.inventoryLevel.quantities.map(({ name, quantity }) => [name, quantity]));
  }
}

export const fulfilDocument = `mutation ($fulfillment: FulfillmentInput!) { fulfillmentCreate(fulfillment: $fulfillment) {
  fulfillment { id name status trackingInfo { number url company } fulfillmentLineItems(first: 5) { nodes { quantity } } }
  userErrors { field message } } }`;

export const setDocument = `mutation ($input: InventorySetQuantitiesInput!, $key: String!) {
  inventorySetQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id reason changes { name delta item { id } location { id } } } userErrors { code field message } } }`;

export const adjustDocument = `mutation ($input: InventoryAdjustQuantitiesInput!, $key: String!) {
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {
    inventoryAdjustmentGroup { id changes { name delta } } userErrors { code field message } } }`;

export const row = (fields = {}) => ({ inventoryItemId: item, locationId: location, quantity: 9, changeFromQuantity: 3, ...fields });
export const change = (fields = {}) => ({ inventoryItemId: item, locationId: location, delta: 2, changeFromQuantity: 3, ...fields });
